# SPDX-License-Identifier: GPL-3.0-or-later
# What `sh -c :` does, and no more: start and end.
:
