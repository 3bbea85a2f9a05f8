# toro_join_sources(<variable> <name> <count> [<source>...])
#
# Stores the sources, so many of them joined to one file that includes them. Most
# of what a file costs is templates that its neighbours instantiate as well. Why
# not the property UNITY_BUILD: its files name absolute paths, which no compiler
# cache finds again in another directory. The sources are found by the include
# directories of the target. Without TORO_TEST_JOIN, each is in a file of its own.
function(toro_join_sources variable name count)
  if(count EQUAL 1)
    set(${variable} ${ARGN} PARENT_SCOPE)
    return()
  endif()
  if(NOT TORO_TEST_JOIN)
    set(count 1)
  endif()
  set(joined "")
  set(sources ${ARGN})
  while(sources)
    list(SUBLIST sources 0 ${count} batch)
    list(REMOVE_ITEM sources ${batch})
    list(TRANSFORM batch REPLACE "(.+)" "#include \"\\1\"" OUTPUT_VARIABLE lines)
    list(JOIN lines "\n" text)
    list(LENGTH joined number)
    set(file ${CMAKE_CURRENT_BINARY_DIR}/joined/${name}_${number}.cpp)
    file(CONFIGURE OUTPUT ${file} CONTENT "${text}\n" @ONLY)
    list(APPEND joined ${file})
  endwhile()
  set(${variable} ${joined} PARENT_SCOPE)
endfunction()
