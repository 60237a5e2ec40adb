Attribute VB_Name = "XlAddin"
Option Explicit
' The ribbon of the yearly task master. One callback for every button: a button with a tag goes to
' the sheet that the defined name in its tag points at, any other runs the verb that is its id.
'
' ASCII only: a VBA project is stored in one code page. What people read stands in columns D:E of
' the sheet xlwings.conf, written by xl_addin, with {folder} and {detail} to be filled in.

Private Const CONF_SHEET As String = "xlwings.conf"
Private Const ERROR_SHEET As String = "Error"
Private Const LAST_TEXT As Long = 40
Private Const SHOWN_DETAIL As Long = 800

Private mRunning As Boolean

Public Sub Press(control As IRibbonControl)
    On Error GoTo Failed
    If control.Tag <> "" Then
        GoToSheet control.Tag
    ElseIf mRunning Then
        Tell "running"
    Else
        mRunning = True
        If IsReady() Then Launch control.ID
        mRunning = False
    End If
    Exit Sub
Failed:
    mRunning = False
    Tell "failed", Err.Description
End Sub

Private Function IsReady() As Boolean
    Dim interpreter As String

    ' The program looks for this workbook in the active window, and xlwings reads its settings with
    ' a Range that needs a worksheet in front.
    ThisWorkbook.Activate
    If TypeName(ThisWorkbook.ActiveSheet) <> "Worksheet" Then GoToSheet "blk_guide"

    #If Mac Then
        interpreter = GetConfig("INTERPRETER_MAC")
    #Else
        interpreter = GetConfig("INTERPRETER_WIN")
    #End If
    If ThisWorkbook.Path = "" Then
        Tell "unsaved"
    ElseIf InStr(ThisWorkbook.Name, "=") > 0 Then
        Tell "name", ThisWorkbook.Name
    ElseIf interpreter = "" Then
        Tell "unbound"
    ElseIf Not FileExists(interpreter) Then
        Tell "missing", interpreter
    Else
        IsReady = True
    End If
End Function

' What RunFrozenPython does, but for its result, which is lost there: Python starts without the
' imports that RunPython puts before the verb. -P: no module out of the folder that Excel stands in.
Private Sub Launch(ByVal verb As String)
    Dim outcome As Variant

    #If Mac Then
        outcome = RunPython("import xl_addin.ribbon; xl_addin.ribbon.press('" & verb & "')")
    #Else
        Dim interpreter As String
        interpreter = GetConfig("INTERPRETER_WIN")
        outcome = ExecuteWindows(True, interpreter, ParentFolder(interpreter), "", _
            "-B -P -m xl_addin.ribbon " & verb)
    #End If
    If outcome = -1 Then Tell "failed", TakeError()
End Sub

Private Sub GoToSheet(ByVal definedName As String)
    Dim target As Worksheet

    On Error Resume Next
    Set target = ThisWorkbook.Names(definedName).RefersToRange.Worksheet
    On Error GoTo 0
    If target Is Nothing Then
        Tell "sheet", definedName
        Exit Sub
    End If
    If target.Visible <> xlSheetVisible Then target.Visible = xlSheetVisible
    target.Activate
End Sub

' What xlwings put down instead of showing it in English, taken away again; of a traceback only its
' last line means something to people.
Private Function TakeError() As String
    Dim words As String

    On Error Resume Next
    With ThisWorkbook.Worksheets(ERROR_SHEET).Range("A1")
        words = .Value
        .ClearContents
    End With
    words = Replace(words, vbCr, "")
    Do While Right$(words, 1) = vbLf
        words = Left$(words, Len(words) - 1)
    Loop
    If Left$(words, 9) = "Traceback" Then words = Mid$(words, InStrRev(words, vbLf) + 1)
    TakeError = Right$(words, SHOWN_DETAIL)
End Function

' Calls of members, made here one after the other instead of from another process: a call from there
' takes as long as hundreds of these. Of each call: the number of the step that gave the object (0 is
' this workbook), its kind (as CallByName has them; 0 is a sheet by its name), the member, whether its
' answer is wanted, how many arguments, the arguments.
' Given back: of each call the number of its error, and its answer or what was said.
Public Function Carry(ByVal steps As Variant) As Variant
    Dim held() As Variant, told() As Variant, given(1 To 4) As Variant, found As Variant
    Dim number As Long, at As Long, first As Long, cancelKey As Long

    If steps(0) = 0 Then
        Carry = steps
        Exit Function
    End If
    cancelKey = Application.EnableCancelKey
    Application.EnableCancelKey = xlDisabled
    ReDim held(0 To steps(0))
    ReDim told(0 To 2 * steps(0) - 1)
    Set held(0) = ThisWorkbook
    at = 2
    On Error Resume Next
    For number = 1 To steps(0)
        Err.Clear
        first = at
        at = TakeArguments(steps, first + 5, steps(first + 4), held, given)
        found = Empty
        Keep found, MakeCall(held(steps(first)), steps(first + 2), steps(first + 1), given, steps(first + 4))
        If IsObject(found) Then
            Set held(number) = found
        Else
            held(number) = found
        End If
        told(2 * number - 2) = Err.Number
        If Err.Number <> 0 Then
            told(2 * number - 1) = Err.Description
            If Not steps(1) Then Exit For
        ElseIf steps(first + 3) Then
            told(2 * number - 1) = found
        End If
    Next number
    Application.EnableCancelKey = cancelKey
    Carry = told
End Function

' Arguments as they were put in a row: 0 and a value, 1 and the number of a step, or 2, rows, columns
' and the values of a table. Gives where the next call begins.
Private Function TakeArguments(steps As Variant, ByVal at As Long, ByVal count As Long, _
        held() As Variant, given() As Variant) As Long
    Dim argument As Long, row As Long, column As Long, table() As Variant

    For argument = 1 To count
        Select Case steps(at)
        Case 0
            given(argument) = steps(at + 1)
            at = at + 2
        Case 1
            If IsObject(held(steps(at + 1))) Then
                Set given(argument) = held(steps(at + 1))
            Else
                given(argument) = held(steps(at + 1))
            End If
            at = at + 2
        Case Else
            ReDim table(1 To steps(at + 1), 1 To steps(at + 2))
            at = at + 3
            For row = 1 To UBound(table, 1)
                For column = 1 To UBound(table, 2)
                    table(row, column) = steps(at)
                    at = at + 1
                Next column
            Next row
            given(argument) = table
        End Select
    Next argument
    TakeArguments = at
End Function

Private Function MakeCall(ByVal target As Object, ByVal member As String, ByVal kind As Long, _
        given() As Variant, ByVal count As Long) As Variant
    Dim found As Variant

    If kind = 0 Then
        Set MakeCall = ThisWorkbook.Worksheets(member)
        Exit Function
    End If
    Select Case count
    Case 0
        Keep found, CallByName(target, member, kind)
    Case 1
        Keep found, CallByName(target, member, kind, given(1))
    Case 2
        Keep found, CallByName(target, member, kind, given(1), given(2))
    Case Else
        Keep found, CallByName(target, member, kind, given(1), given(2), given(3), given(4))
    End Select
    If IsObject(found) Then
        Set MakeCall = found
    Else
        MakeCall = found
    End If
End Function

Private Sub Keep(place As Variant, ByVal found As Variant)
    If IsObject(found) Then
        Set place = found
    Else
        place = found
    End If
End Sub

Private Sub Tell(ByVal key As String, Optional ByVal detail As String = "")
    Dim words As String, title As String

    words = TextOf(key)
    title = TextOf("title")
    If words = "" Then words = "xl_addin: " & key & vbLf & "xl-addin attach" & vbLf & "{detail}"
    If title = "" Then title = "xl_addin"
    Show Replace(Replace(words, "{folder}", ThisWorkbook.Path), "{detail}", detail), title
End Sub

' Empty when somebody has removed the sheet.
Private Function TextOf(ByVal key As String) As String
    Dim row As Long

    On Error GoTo Gone
    With ThisWorkbook.Worksheets(CONF_SHEET)
        For row = 1 To LAST_TEXT
            If .Cells(row, 4).Value = key Then
                TextOf = .Cells(row, 5).Value
                Exit Function
            End If
        Next row
    End With
Gone:
End Function

' Popup, because MsgBox makes question marks of what the system's code page has not; in front of
' all windows, because it does not belong to Excel's.
Private Sub Show(ByVal words As String, ByVal title As String)
    Const FOREVER As Long = 0
    #If Mac Then
        MsgBox words, vbExclamation, title
    #Else
        Dim host As Object
        On Error GoTo NoShell
        Set host = CreateObject("WScript.Shell")
        host.Popup words, FOREVER, title, vbExclamation + vbSystemModal
        Exit Sub
NoShell:
        MsgBox words, vbExclamation, title
    #End If
End Sub
