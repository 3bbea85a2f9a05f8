# Proves that the list of operations under test names every asynchronous member
# of every primitive, and no other:
# cmake -DROOT=<repository> -P async_members.cmake

cmake_policy(VERSION 3.24...3.30)

# Asynchronous members that a header declares, by name and own arguments:
# "async_acquire(n)". What comes before the deadline or the token is an own one.
function(declared_in header result)
  file(READ ${header} text)
  string(REGEX REPLACE "//[^\n]*" "" text "${text}")
  string(REGEX REPLACE "[ \n]+" " " text "${text}")
  string(REGEX MATCHALL "auto async_[a-z_]+\\([^)]*" found "${text}")
  set(members)
  set(plain)
  set(timed)
  foreach(declaration IN LISTS found)
    string(REGEX MATCH "async_[a-z_]+" name "${declaration}")
    string(FIND "${declaration}" "(" start)
    string(SUBSTRING "${declaration}" ${start} -1 parameters)
    set(kind plain)
    if(parameters MATCHES "deadline [a-z]+")
      set(kind timed)
    endif()
    string(REGEX REPLACE "(, )?(deadline [a-z]+|CompletionToken).*$" ""
      own "${parameters}")
    string(SUBSTRING "${own}" 1 -1 own)
    string(REPLACE ", " ";" own "${own}")
    list(TRANSFORM own REPLACE "^.*[ &]" "")
    list(JOIN own "," own)
    list(APPEND members "${name}(${own})")
    list(APPEND ${kind} "${name}(${own})")
  endforeach()
  foreach(member IN LISTS members)
    if(NOT member IN_LIST plain OR NOT member IN_LIST timed)
      message(FATAL_ERROR
        "${header}: ${member} is not there both with a deadline and without")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES members)
  set(${result} ${members} PARENT_SCOPE)
endfunction()

# A primitive has the members of its header, and of the headers of what it is
# built of.
set(declared)
file(GLOB headers ${ROOT}/include/toro/*.hpp)
foreach(header IN LISTS headers)
  get_filename_component(primitive ${header} NAME_WE)
  file(READ ${header} text)
  if(NOT text MATCHES "class (TORO_DETAIL_VISIBLE )?basic_${primitive}[ \n]")
    continue()
  endif()
  declared_in(${header} members)
  string(REGEX MATCHALL "#include <toro/[a-z_/]+\\.hpp>" included "${text}")
  foreach(include IN LISTS included)
    string(REGEX REPLACE "#include <(.*)>" "\\1" include "${include}")
    declared_in(${ROOT}/include/${include} more)
    list(APPEND members ${more})
  endforeach()
  if(NOT members)
    message(FATAL_ERROR "${header}: no asynchronous member was found")
  endif()
  list(TRANSFORM members PREPEND "${primitive}.")
  list(APPEND declared ${members})
endforeach()

# The operations under test: those in the list, by the names they give.
file(READ ${ROOT}/test/unit/conformance/operations.hpp text)
string(REGEX MATCH "using all_operations =[^;]*" list "${text}")
string(REGEX MATCHALL "[a-z_]+" list "${list}")
string(REPLACE "[" "(" text "${text}")
string(REPLACE "]" ")" text "${text}")
string(REGEX MATCHALL
  "struct [a-z_]+[^{;]*{[^{};]*name =[ \n]*\"[^\"]*\"" described "${text}")
set(tested)
foreach(description IN LISTS described)
  string(REGEX REPLACE "struct ([a-z_]+).*" "\\1" type "${description}")
  string(REGEX REPLACE ".*\"(.*)\"" "\\1" name "${description}")
  string(REGEX REPLACE "<[a-z]+>" "" name "${name}")
  if(type IN_LIST list)
    list(APPEND tested "${name}")
  endif()
endforeach()
list(REMOVE_DUPLICATES tested)

# An operation with two results, which has a test of its own: unit/upgrade.cpp.
list(APPEND tested "rw_lock.async_upgrade(reading)")

# The cases do not apply to a task_group, which unit/task_group.cpp tests: a join
# that is cancelled passes that on, and the place that a spawn is granted goes on
# when its coroutine ends, not with its handler.
list(REMOVE_ITEM declared
  "task_group.async_join()" "task_group.async_spawn(function)")

# The member of the cancellation_source that cancels its children.
list(REMOVE_ITEM declared "task_group.async_wait()")

# The kinds of queue share the code of these operations, and so do the kinds of
# semaphore. They are tested with the first kind.
foreach(kind IN ITEMS lifo_queue priority_queue)
  list(REMOVE_ITEM declared "${kind}.async_reserve()"
    "${kind}.async_get_some(most)" "${kind}.async_next()" "${kind}.async_wait()")
endforeach()
list(REMOVE_ITEM declared
  "weighted_queue.async_next()" "weighted_queue.async_wait()"
  "weighted_queue.async_join()"
  "bounded_semaphore.async_acquire_some(at_least,at_most)")

# A weighted_queue hides that of its base by one with a weight.
list(REMOVE_ITEM declared "weighted_queue.async_reserve()")

set(missing ${declared})
list(REMOVE_ITEM missing ${tested})
set(gone ${tested})
list(REMOVE_ITEM gone ${declared})
if(missing OR gone OR NOT declared)
  list(JOIN missing "\n  " missing)
  list(JOIN gone "\n  " gone)
  message(FATAL_ERROR
    "test/unit/conformance/operations.hpp and the headers differ\n"
    "not tested:\n  ${missing}\nnot declared:\n  ${gone}")
endif()
list(LENGTH declared count)
message(STATUS "${count} asynchronous members, all in the list")
