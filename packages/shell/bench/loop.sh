# SPDX-License-Identifier: GPL-3.0-or-later
# 100,000 rounds of a test and an addition: the executor and the built-ins.
i=0
while [ $i -lt 100000 ]; do
    i=$((i+1))
done
