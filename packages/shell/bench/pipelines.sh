# SPDX-License-Identifier: GPL-3.0-or-later
# 1,000 pipelines of two programs: fork, exec and wait.
i=0
while [ $i -lt 1000 ]; do
    /bin/true | /bin/true
    i=$((i+1))
done
