# What the golden boot runs in place of a shell.
hello golden
