// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_FAULT_INJECTION_UNRULY_HPP
#define TORO_TEST_ROBUSTNESS_FAULT_INJECTION_UNRULY_HPP

#include <boost/asio/cancellation_signal.hpp>

#include <utility>

#include "support/counting_allocator.hpp"
#include "support/faults.hpp"
#include "support/fussy_executor.hpp"
#include "support/recording_handler.hpp"

namespace toro_test {

// A handler whose calls, moves and memory may fail.
class unruly : public recording_handler
{
public:
  using allocator_type = counting_allocator<void>;
  using cancellation_slot_type = boost::asio::cancellation_slot;

  unruly(call_record& report, allocations& memory, cancellation_slot_type slot)
    : recording_handler(report),
      memory_(&memory),
      slot_(slot)
  {
  }

  unruly(unruly&& other)
    : recording_handler(about_to_move(other)),
      memory_(other.memory_),
      slot_(other.slot_)
  {
  }

  allocator_type get_allocator() const noexcept
  {
    return allocator_type(*memory_);
  }

  cancellation_slot_type get_cancellation_slot() const noexcept
  {
    return slot_;
  }

  template <class... Args>
  void operator()(Args&&... args) &&
  {
    {
      const respite undisturbed;
      std::move(static_cast<recording_handler&>(*this))(
          std::forward<Args>(args)...);
    }
    faults.call(failing::handler);
  }

private:
  static recording_handler&& about_to_move(recording_handler& handler)
  {
    faults.call(failing::handler_move);
    return std::move(handler);
  }

  allocations* memory_;
  cancellation_slot_type slot_;
};

// The same with an executor.
class unruly_elsewhere : public unruly
{
public:
  using executor_type = fussy_executor;

  unruly_elsewhere(call_record& report, allocations& memory,
                   cancellation_slot_type slot, executor_type executor)
    : unruly(report, memory, slot),
      executor_(executor)
  {
  }

  executor_type get_executor() const noexcept
  {
    return executor_;
  }

private:
  executor_type executor_;
};

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_FAULT_INJECTION_UNRULY_HPP
