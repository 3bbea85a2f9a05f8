# Checks that exhaustive testing finds faults. Each patch here plants one in a
# copy of one file of the library, the mutant, and names the test that must find
# it, by its path below test/model.
set(toro_test_mutants
  abortion_after_cancel_fails
  alarm_without_gets
  arrival_below_zero_succeeds
  arrival_without_parties_succeeds
  barging_try_acquire
  batch_returns_to_the_end
  batch_returns_without_regrant
  blocked_put_ignores_its_weight
  blocked_put_stores_before_its_claim
  cancel_all_in_the_wrong_order
  cancel_without_regrant
  changed_item_is_compared
  claim_changes_hands
  claim_not_asked
  clear_admits_nobody
  cleared_items_are_still_tasks
  close_before_it_is_certain
  close_ends_gets_early
  closed_before_an_item_returns
  closed_group_admits
  closed_queue_gives_room
  closed_queue_loses_item
  closed_semaphore_admits
  closed_task_group_admits
  closed_while_an_item_comes
  complete_phase_is_taken_back
  deadline_takes_grant_back
  debt_of_a_grant_is_not_paid
  declined_notification_gone
  declined_to_the_end
  declined_without_deadline
  destroyed_loser_destroys_the_whole
  destroyed_with_waits
  detached_room_keeps_gets_waiting
  detached_work_not_awaited
  displaced_item_is_still_a_task
  displaced_item_loses_its_place
  downgrade_bars_readers
  downgrade_lets_a_writer_in
  drop_tells_the_earliest
  dropped_delivery_keeps_permits
  end_of_the_slowest_admits_nobody
  ended_reader_keeps_its_grants
  equal_items_out_of_order
  every_operand_takes_effect
  expired_writer_bars_readers
  expiry_without_regrant
  failed_put_ends_no_get
  failure_keeps_the_waiting
  first_failure_is_replaced
  first_operand_cancels_nobody
  get_before_the_put_it_admits
  hidden_item_is_compared
  failed_forced_put_keeps_gets_waiting
  granted_item_is_withdrawn
  heavy_item_is_never_admitted
  item_lost_in_a_failed_move
  item_not_rolled_back
  item_rolled_back_to_the_end
  item_without_its_part_in_the_order
  join_before_granted_children
  join_without_the_body
  join_woken_early
  kept_room_is_given_away
  last_arrival_overtakes
  last_erased_item_ends_no_get
  last_in_first_out
  last_party_overtakes
  last_value_is_not_told
  late_arrival_not_counted
  late_cancellation_ignored
  late_close_leaves_open
  late_signal_ignored
  leave_takes_from_a_guard
  lost_item_is_not_counted
  more_permits_than_are_left_to_others
  newest_item_is_displaced
  news_are_seen_before_the_commit
  notification_for_a_latecomer
  notification_swallowed
  notify_all_passes_on
  one_expires_at_a_time
  one_reader_too_many
  operand_behind_the_first_is_started
  passed_on_is_forgotten
  peak_counts_what_is_handed_over
  peak_misses_what_returns
  permit_counted_twice_at_commit
  permits_not_rolled_back
  phase_without_arrivals_stays
  promise_without_regrant
  promised_item_is_forgotten
  put_of_a_batch_is_not_certain
  put_past_the_bound
  put_stores_before_its_claim
  puts_taken_back_before_gets
  reader_overtakes_writer
  refused_claim_not_revoked
  refused_put_keeps_its_room
  release_counts_who_still_waits
  release_of_held_permits
  result_set_twice
  returned_item_is_the_newest
  returned_item_past_the_bound
  revoked_place_stays_taken
  revoked_room_stays_kept
  revoked_upgrade_is_no_reader
  roll_back_without_regrant
  room_keeps_the_weight_of_its_item
  room_of_a_failed_put_stays_taken
  room_takes_a_place_of_the_queue
  set_wakes_one
  stop_leaves_granted_places
  timer_not_set_again
  two_upgrades_wait
  undue_item_is_given
  upgrade_lets_readers_in
  waits_forever_for_a_smaller_total
  watcher_before_acquirer
  watcher_before_getter
  watcher_not_told_of_the_end
  weight_stays_when_an_item_leaves
  withdrawn_item_counts_for_latecomers
  withdrawn_item_shortens_the_replay
  withdrawn_item_still_counts)

# toro_mutant_test(<variable> <test>): what to link for a test whose headers have
# no fault. It is compiled once.
function(toro_mutant_test variable test)
  string(MAKE_C_IDENTIFIER toro_mutants_${test} objects)
  if(NOT TARGET ${objects})
    add_library(${objects} OBJECT EXCLUDE_FROM_ALL model/${test})
    target_link_libraries(${objects} PRIVATE toro_test_bounded_exhaustive)
    target_compile_options(${objects} PRIVATE -O1)
  endif()
  set(${variable} $<TARGET_OBJECTS:${objects}> PARENT_SCOPE)
endfunction()

# Compiles the mutant, and the test against it if the mutant is a header, and with
# it the one source of the rules that the test is about; a program's own objects
# come before a library's.
function(toro_add_mutant name)
  set(patch ${CMAKE_CURRENT_SOURCE_DIR}/model/mutants/${name}.patch)
  file(STRINGS ${patch} lines REGEX "^(Shown-by: |\\+\\+\\+ b/)")
  list(TRANSFORM lines REPLACE "^(Shown-by: |\\+\\+\\+ b/)" "")
  list(GET lines 0 test)
  list(GET lines 1 file)

  set(copy ${CMAKE_CURRENT_BINARY_DIR}/mutants/${name}/${file})
  get_filename_component(directory ${copy} DIRECTORY)
  file(MAKE_DIRECTORY ${directory})
  add_custom_command(OUTPUT ${copy}
    COMMAND patch --quiet --output=${copy} ${PROJECT_SOURCE_DIR}/${file} ${patch}
    DEPENDS ${PROJECT_SOURCE_DIR}/${file} ${patch}
    VERBATIM)

  if(file MATCHES "\\.cpp$")
    toro_mutant_test(shown_by ${test})
  else()
    set(shown_by model/${test})
  endif()
  set(program toro_mutant_${name})
  add_executable(${program} EXCLUDE_FROM_ALL ${shown_by} ${copy})
  get_filename_component(subject ${test} NAME_WE)
  set(rules src/state/${subject}_state.cpp)
  if(rules IN_LIST toro_sources AND NOT rules STREQUAL file)
    target_sources(${program} PRIVATE ${PROJECT_SOURCE_DIR}/${rules})
  endif()
  target_include_directories(${program} BEFORE PRIVATE
    ${CMAKE_CURRENT_BINARY_DIR}/mutants/${name}/include)
  target_link_libraries(${program} PRIVATE
    toro_test_support toro_test_bounded_exhaustive)
  target_compile_options(${program} PRIVATE -O1)
endfunction()

foreach(name IN LISTS toro_test_mutants)
  toro_add_mutant(${name})
endforeach()

# Prints the shortest sequence that exposes each of them.
list(JOIN toro_test_mutants "," names)
list(TRANSFORM toro_test_mutants PREPEND toro_mutant_ OUTPUT_VARIABLE programs)
add_custom_target(toro_mutants
  COMMAND ${CMAKE_COMMAND} -DMUTANTS=${names}
    -DDIRECTORY=${CMAKE_CURRENT_BINARY_DIR}
    -P ${CMAKE_CURRENT_SOURCE_DIR}/model/mutants/expose.cmake
  DEPENDS ${programs}
  USES_TERMINAL
  VERBATIM)
add_test(NAME mutants
  COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --config $<CONFIG>
    --target toro_mutants)
set_tests_properties(mutants PROPERTIES
  TIMEOUT 3000 PROCESSORS 2 LABELS mutants)
