// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_FAULT_INJECTION_FAILING_HANDLER_HPP
#define TORO_TEST_ROBUSTNESS_FAULT_INJECTION_FAILING_HANDLER_HPP

#include <boost/asio/cancellation_signal.hpp>

#include <utility>

#include "support/counting_allocator.hpp"
#include "support/faults.hpp"
#include "support/recording_handler.hpp"
#include "support/throwing_executor.hpp"

namespace toro_test {

// A handler whose calls, moves and memory may fail.
class failing_handler : public recording_handler
{
public:
  using allocator_type = counting_allocator<void>;
  using cancellation_slot_type = boost::asio::cancellation_slot;

  failing_handler(call_record& report, allocations& memory,
                  cancellation_slot_type slot)
    : recording_handler(report),
      memory_(&memory),
      slot_(slot)
  {
  }

  failing_handler(failing_handler&& other)
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
      const fault_pause undisturbed;
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
class failing_handler_elsewhere : public failing_handler
{
public:
  using executor_type = throwing_executor;

  failing_handler_elsewhere(call_record& report, allocations& memory,
                            cancellation_slot_type slot, executor_type executor)
    : failing_handler(report, memory, slot),
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

#endif // TORO_TEST_ROBUSTNESS_FAULT_INJECTION_FAILING_HANDLER_HPP
