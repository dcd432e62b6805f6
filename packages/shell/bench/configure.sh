# SPDX-License-Identifier: GPL-3.0-or-later
# What an autoconf script does between the runs of a compiler: tests of features, here-documents, sed over a template,
# case over names, command substitutions, functions and files. It works in a directory of its own under $TMPDIR.
LC_ALL=C; export LC_ALL
dir=${TMPDIR:-/tmp}/bench-configure.$$
mkdir "$dir" || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1

as_fn_set_status() { return $1; }
as_fn_append() { eval $1=\$$1\$2; }
as_fn_arith() { as_val=$(( $* )); }
check() {
    printf '%s' "checking for $1... " >&6
    eval "cached=\${ac_cv_$1+set}"
    if test "$cached" = set; then
        printf '%s' '(cached) ' >&6
    else
        cat >conftest.c <<EOF
/* confdefs.h */
#define HAVE_$1 1
int main (void)
{
  return $1 ();
}
EOF
        if grep "return $1 ()" conftest.c >/dev/null 2>&1; then
            eval "ac_cv_$1=yes"
        else
            eval "ac_cv_$1=no"
        fi
        rm -f conftest.c
    fi
    eval "result=\$ac_cv_$1"
    printf '%s\n' "$result" >&6
    upper=`printf '%s\n' "$1" | sed 'y/abcdefghijklmnopqrstuvwxyz/ABCDEFGHIJKLMNOPQRSTUVWXYZ/'`
    as_fn_append defs " -DHAVE_$upper=1"
    as_fn_append script "s,@HAVE_$upper@,1,
"
    printf '%s\n' "#define HAVE_$upper @HAVE_$upper@" >>config.h.in
}

exec 6>config.log
defs= script=
for letter in a b c d e f g h i j; do
    for name in open close read write seek stat lock map sync dup; do
        check "${name}_$letter"
        check "${name}_$letter"
    done
done

n=0
for word in $defs; do
    case $word in
    *_A=1 | *_B=1) as_fn_arith $n + 2; n=$as_val ;;
    -DHAVE_[C-F]*) as_fn_arith $n + 3; n=$as_val ;;
    *[!a-zA-Z_=0-9-]*) exit 1 ;;
    *) as_fn_arith $n + 1; n=$as_val ;;
    esac
    as_fn_set_status 3 || test $? -eq 3 || exit 1
done
printf '%s' "$script" >config.sed
sed -f config.sed config.h.in >config.h
test "`wc -l <config.h | tr -d ' '` $n" = "200 304" || { echo "unexpected: $n" >&2; exit 1; }

set -f
IFS_save=$IFS
IFS=:
for dir_ in $PATH $PATH $PATH $PATH; do
    IFS=$IFS_save
    test -z "$dir_" && dir_=.
    for ext in '' .exe; do
        test -x "$dir_/sed$ext" && found=$dir_/sed$ext
    done
done
IFS=$IFS_save
printf '%s\n' "${found##*/}" >/dev/null
