# For scripts that run the compiler. From -DFLAGS=<flags> and
# -DINCLUDES=<a,b,...>, makes the lists flags and includes of arguments.
string(REPLACE "," ";" includes "${INCLUDES}")
list(REMOVE_DUPLICATES includes)
# Why not /usr/include: g++ then does not find the headers of C.
list(REMOVE_ITEM includes "" /usr/include)
list(TRANSFORM includes PREPEND "-isystem")
separate_arguments(flags UNIX_COMMAND "${FLAGS}")
