# Proves that the lists of the top CMakeLists.txt name the files of the tree, no
# more and no fewer: cmake -DROOT=<repository> -DLISTED=<a,b,...> -P header_list.cmake

string(REPLACE "," ";" listed "${LISTED}")
file(GLOB_RECURSE present RELATIVE ${ROOT}
  ${ROOT}/include/*.hpp ${ROOT}/src/*.hpp ${ROOT}/src/*.cpp)

set(forgotten ${present})
list(REMOVE_ITEM forgotten ${listed})
set(gone ${listed})
list(REMOVE_ITEM gone ${present})

if(forgotten OR gone)
  list(JOIN forgotten "\n  " forgotten)
  list(JOIN gone "\n  " gone)
  message(FATAL_ERROR "the lists in CMakeLists.txt and the tree differ\n"
    "in the tree alone:\n  ${forgotten}\nin the lists alone:\n  ${gone}")
endif()
