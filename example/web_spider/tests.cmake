# The tests of the spider: its parts by Boost.Test, the program as its users run
# it. They need no network but the loopback interface.

find_package(Boost 1.81 QUIET COMPONENTS unit_test_framework)
if(TARGET Boost::unit_test_framework AND NOT TORO_TEST_HEADER_ONLY)
  toro_join_sources(spider_tests web_spider_test 4
    spider/main.cpp
    spider/crawl.cpp
    spider/embedded_site.cpp
    spider/html_links.cpp
    spider/options.cpp
    spider/page_table.cpp
    spider/progress.cpp
    spider/report.cpp
    spider/retry.cpp
    spider/site.cpp
    spider/visit.cpp)
  add_executable(web_spider_test ${spider_tests})
  target_include_directories(web_spider_test PRIVATE ${PROJECT_SOURCE_DIR}/test)
  target_link_libraries(web_spider_test
    PRIVATE web_spider_parts toro_warnings Boost::unit_test_framework)
  target_compile_options(web_spider_test PRIVATE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  add_test(NAME web_spider.parts COMMAND web_spider_test)
endif()

# What the crawl of the embedded site must come to, number by number.
add_test(NAME web_spider.embedded_site
  COMMAND ${CMAKE_COMMAND} -DSPIDER=$<TARGET_FILE:web_spider>
    -DRESULT=${CMAKE_CURRENT_BINARY_DIR}/embedded_site.json
    -P ${CMAKE_CURRENT_SOURCE_DIR}/check_embedded_site.cmake)

# What else it prints, and what it ends with.
function(web_spider_prints name status text)
  list(JOIN ARGN "," arguments)
  add_test(NAME web_spider.${name}
    COMMAND ${CMAKE_COMMAND} -DSPIDER=$<TARGET_FILE:web_spider>
      -DARGUMENTS=${arguments} -DSTATUS=${status} -DTEXT=${text}
      -P ${CMAKE_CURRENT_SOURCE_DIR}/check_end.cmake)
endfunction()

web_spider_prints(help 0 "Exit status:" --help)
web_spider_prints(unknown_option 2 "unrecognised option" --bogus)
web_spider_prints(bad_number 2 "--workers must be between" --workers 0)
web_spider_prints(bad_url 2 "is not an http:// URL" 127.0.0.1:80)
web_spider_prints(https 2 "has no TLS" https://127.0.0.1/)
web_spider_prints(bad_port 2 "port 99999 is not between 1 and 65535"
  http://127.0.0.1:99999/)
web_spider_prints(user_in_url 2 "names a user or a password"
  http://user:secret@127.0.0.1/)
web_spider_prints(unreachable 1 "cannot reach http://127.0.0.1:1/: connect"
  http://127.0.0.1:1/)
web_spider_prints(unwritable 1 "cannot write" --json /nowhere/result.json)
web_spider_prints(broken_links 3 "Broken links:" --fail-on-broken)
web_spider_prints(out_of_time 4 "out of time" --crawl-timeout 0.3)

# The script says so before it builds anything.
find_program(BASH_PROGRAM bash)
if(BASH_PROGRAM)
  function(run_spider_refuses name text url)
    add_test(NAME web_spider.script_refuses_${name}
      COMMAND ${CMAKE_COMMAND}
        "-DSPIDER=${BASH_PROGRAM},${PROJECT_SOURCE_DIR}/cmake/run_spider.sh"
        -DARGUMENTS=${url} -DSTATUS=2 -DTEXT=${text}
        -P ${CMAKE_CURRENT_SOURCE_DIR}/check_end.cmake)
  endfunction()
  run_spider_refuses(https "has no TLS" https://127.0.0.1/)
  run_spider_refuses(https_behind_an_option "has no TLS"
    --quiet,https://127.0.0.1/)
  run_spider_refuses(port "port 99999 is not between" http://127.0.0.1:99999/)
  run_spider_refuses(user "names a user" http://user:secret@127.0.0.1/)
endif()

get_property(spider_test_names DIRECTORY PROPERTY TESTS)
set_tests_properties(${spider_test_names} PROPERTIES TIMEOUT 180)
