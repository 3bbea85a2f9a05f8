# Installs the packages of a directory below ROOT, or removes them from there
# again, when nothing may be left. The machine itself is not touched, and nobody
# needs to be root:
# cmake -DDO=(install|remove) -DPACKAGES=<dir> -DROOT=<dir> -P debian.cmake
include(${CMAKE_CURRENT_LIST_DIR}/commands.cmake)

set(database ${ROOT}/var/lib/dpkg)
set(commands ${ROOT}/commands)
file(GLOB packages ${PACKAGES}/*.deb)

if(DO STREQUAL "install")
  file(REMOVE_RECURSE ${ROOT})
  file(MAKE_DIRECTORY ${database}/info ${database}/updates ${commands})
  file(TOUCH ${database}/status)
  # It would look after the libraries of the machine.
  file(CREATE_LINK /bin/true ${commands}/ldconfig SYMBOLIC)
endif()

# What the packages depend on is on the machine and not below ROOT.
set(ENV{PATH} "${commands}:$ENV{PATH}:/usr/sbin:/sbin")
set(dpkg dpkg --root=${ROOT} --log=${ROOT}/log --force-not-root
  --force-script-chrootless --force-depends)

if(DO STREQUAL "install")
  run(ignored ${dpkg} --install ${packages})
else()
  set(names)
  foreach(package IN LISTS packages)
    run(name dpkg-deb --field ${package} Package)
    string(STRIP "${name}" name)
    list(APPEND names ${name})
  endforeach()
  run(ignored ${dpkg} --remove ${names})
  file(GLOB left LIST_DIRECTORIES ON RELATIVE ${ROOT} ${ROOT}/*)
  list(REMOVE_ITEM left commands log var)
  if(left)
    message(FATAL_ERROR "the packages left something behind: ${left}")
  endif()
endif()
