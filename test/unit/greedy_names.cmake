# Writes a header with all names that the library may call: those of its headers
# that stand before a parenthesis or a template's arguments, wherever they are
# declared:
# cmake -DROOT=<repository> -DOUTPUT=<header> -DEXCEPT=<name,...>
#   -P greedy_names.cmake
file(GLOB_RECURSE headers ${ROOT}/include/*.hpp)
set(names)
foreach(header IN LISTS headers)
  file(READ ${header} text)
  string(REGEX REPLACE "\n *(/?\\*|#)[^\n]*" "" text "\n${text}")
  string(REGEX REPLACE "//[^\n]*" "" text "${text}")
  string(REGEX REPLACE "\"[^\"\n]*\"" "" text "${text}")
  string(REGEX MATCHALL "[A-Za-z_0-9]+ ?[<(]" found "${text}")
  list(APPEND names ${found})
endforeach()
list(TRANSFORM names REPLACE " ?[<(]" "")
list(REMOVE_DUPLICATES names)
list(SORT names)

# Macros, template parameters, numbers, data members.
list(FILTER names EXCLUDE REGEX "^([A-Z0-9]|__)|_$")
list(REMOVE_ITEM names alignas alignof auto bool catch char class co_await
  co_return co_yield const constexpr const_cast decltype default defined delete
  dynamic_cast explicit for friend if int long new noexcept operator
  reinterpret_cast requires return short signed sizeof static_assert static_cast
  switch template this throw typeid typename unsigned using void while)

# Boost or the standard library calls these without a namespace, as
# customization points or not.
string(REPLACE "," ";" EXCEPT "${EXCEPT}")
list(REMOVE_ITEM names ${EXCEPT})

list(TRANSFORM names REPLACE "(.+)" "  X(\\1)")
list(JOIN names " \\\n" names)
file(WRITE ${OUTPUT} "#define TORO_TEST_NAMES(X) \\\n${names}\n")
