"""体检: what is looked at on the computer, in the folder, in what is kept."""
