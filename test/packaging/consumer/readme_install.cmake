# Installs the library and finds it, with the commands of the README and with
# nothing of this build tree's environment:
# cmake -DROOT=<repository> -DBINARY=<dir> -P readme_install.cmake
include(${CMAKE_CURRENT_LIST_DIR}/commands.cmake)

file(READ ${ROOT}/README.md readme)

# printed(<output> <regular expression>) finds what is in backticks, or in a
# block.
function(printed output what)
  if(NOT readme MATCHES "(${what}[^`]*)`")
    message(FATAL_ERROR "the README has no ${what}")
  endif()
  string(REPLACE "\\|" "|" command "${CMAKE_MATCH_1}")
  set(${output} "${command}" PARENT_SCOPE)
endfunction()

printed(install "cmake -S toro -B build ")
printed(configure "cmake -S program -B ")
printed(find "find_package\\(toro")
printed(link "target_link_libraries\\(program PRIVATE toro::toro")

file(REMOVE_RECURSE ${BINARY})
file(MAKE_DIRECTORY ${BINARY}/home)
file(CREATE_LINK ${ROOT} ${BINARY}/toro SYMBOLIC)
file(COPY ${CMAKE_CURRENT_LIST_DIR}/main.cpp DESTINATION ${BINARY}/program)
file(WRITE ${BINARY}/program/CMakeLists.txt
  "cmake_minimum_required(VERSION 3.24)\n"
  "project(program LANGUAGES CXX)\n"
  "${find}\n"
  "add_executable(program main.cpp)\n"
  "${link}\n")

cmake_path(GET CMAKE_COMMAND PARENT_PATH cmake_dir)
foreach(command IN ITEMS "${install}" "${configure}"
    "cmake --build program/build")
  run(ignored env -i HOME=${BINARY}/home PATH=${cmake_dir}:/usr/bin:/bin
    sh -c "cd '${BINARY}' && ${command}")
endforeach()
run_program(${BINARY}/program/build/program)
