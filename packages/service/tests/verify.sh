#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# verify.sh ROOT SVC: compares `svc verify` with `systemd-analyze verify` on the unit files of the packages that are installed in ROOT, a
# Debian system with systemd: first as they are, then with one defect each. Needs root. It changes nothing: it runs in a mount namespace of its
# own, and ROOT/run is covered.
set -euo pipefail
root=$(realpath "$1") svc=$(realpath "$2")
[ "${INSIDE:-}" ] || exec env INSIDE=1 unshare --mount bash "$0" "$root" "$svc"
mount --make-rprivate /
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mkdir "$root/run/defect"

# look NAME FILE: sets `analyze` and `own`, each the numbers of lines that are warned about, and a status. What only this init does not
# support is no defect of a file.
look() {
  local output status=0
  output=$(chroot "$root" systemd-analyze verify --man=no --recursive-errors=no "$1" 2>&1) || status=1
  analyze=$(sed -n 's/^[^ ]*:\([0-9][0-9]*\): .*/\1/p' <<<"$output" | sort -nu | tr '\n' ' ')
  analyze_bad=$status status=0
  output=$("$svc" --root "$root" verify "$2" 2>&1) || status=1
  own=$(sed -n '/has no effect/d; s/^[^ ]*:\([0-9][0-9]*\): .*/\1/p' <<<"$output" | sort -nu | tr '\n' ' ')
  own_bad=$status
}

declare -A packages
files=0 same=0 units=()
while IFS=: read -r package file; do
  # Links, and units of systemd itself.
  [ -f "$root/$file" ] && [ ! -L "$root/$file" ] && [ "$package" != systemd ] || continue
  case $file in *.service | *.socket | *.timer | *.path | *.mount | *.target) ;; *) continue ;; esac
  name=${file##*/}
  look "${name/@./@x.}" "${name/@./@x.}"
  files=$((files + 1)) packages[${package%%,*}]=1
  if [ "$analyze" = "$own" ] && [ "$analyze_bad" = "$own_bad" ]; then
    same=$((same + 1))
  else
    echo "$name: systemd-analyze $analyze_bad, lines $analyze; svc $own_bad, lines $own"
  fi
  case $name in *@.service) ;; *.service) units+=("$file") ;; esac
done < <(chroot "$root" dpkg -S '/usr/lib/systemd/system/*' 2>/dev/null | sed 's/: /:/')
echo "$same of $files files of ${#packages[@]} packages: the same status and the same lines"

echo "| line added to ${#units[@]} service files | warned of by systemd-analyze | by svc |"
echo "| --- | --- | --- |"
while read -r section line; do
  by_analyze=0 by_svc=0
  for file in "${units[@]}"; do
    defect=/run/defect/${file##*/}
    { cat "$root/$file" && printf '\n[%s]\n%s\n' "$section" "$line"; } >"$root$defect"
    last=$(wc -l <"$root$defect")
    look "$defect" "$root$defect"
    # A section is warned about at its head or at its first key.
    [[ " $analyze" =~ \ ($last|$((last - 1)))\  ]] && by_analyze=$((by_analyze + 1))
    [[ " $own" =~ \ ($last|$((last - 1)))\  ]] && by_svc=$((by_svc + 1))
  done
  echo "| [$section] \`$line\` | $by_analyze | $by_svc |"
done <<'DEFECTS'
Unit UnknownKey=1
Unit ConditionPathExists=relative
Unit StartLimitBurst=x
Unit After=bad name.service
Install WantedBy=no/such.target
Nothing Key=1
Service no equals sign
Service Type=magic
Service Restart=sometimes
Service RestartSec=1 fortnight
Service TimeoutStartSec=soon
Service WatchdogSec=-5
Service ExecStartPre=relative/path
Service KillMode=some
Service KillSignal=SIGNOTHING
Service SuccessExitStatus=999
Service WorkingDirectory=relative
Service RuntimeDirectory=/abs
Service ReadOnlyPaths=relative/x
Service Environment=1A=2
Service EnvironmentFile=relative
Service StandardOutput=nowhere
Service UMask=0999
Service Nice=200
Service OOMScoreAdjust=9999
Service LimitNOFILE=many
Service MemoryMax=lots
Service TasksMax=-1
Service CPUWeight=0
Service Slice=a.service
Service NoNewPrivileges=maybe
Service ProtectSystem=perhaps
Service SystemCallFilter=no_such_call
Service RestrictAddressFamilies=AF_NOTHING
DEFECTS
