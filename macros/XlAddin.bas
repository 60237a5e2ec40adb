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
