// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_DIAGNOSIS_HPP
#define TORO_DETAIL_DIAGNOSIS_HPP

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace toro::detail {

// What a dump shows of a primitive besides its state: its name, its owners, and
// the name and start of each wait. Empty, and no more than a pointer, unless
// the program gives a name or diagnostics are on. Guarded by the primitive's
// lock.
class diagnosis
{
public:
  using time_point = std::chrono::steady_clock::time_point;

  // A named owner: a guard, with what it holds and since when.
  struct ownership;

  diagnosis() noexcept = default;
  diagnosis(const diagnosis&) = delete;
  diagnosis& operator=(const diagnosis&) = delete;

  ~diagnosis()
  {
    if (notes_)
      destroy();
  }

  // These four throw std::bad_alloc, and nothing has changed then.
  void set_name(std::string_view name);
  ownership& add_ownership(std::string_view name, std::string_view how,
                           time_point since);
  void rename_ownership(ownership& which, std::string_view name);
  void add_wait(const void* wait, std::string_view name, time_point since);

  // Changes the description of what is held; keeps the old one if memory runs
  // out.
  static void restate_ownership(ownership& which,
                                std::string_view how) noexcept;

  void remove_ownership(ownership& which) noexcept;

  // Does nothing if the wait was not added.
  void remove_wait(const void* wait) noexcept
  {
    if (notes_)
      forget(wait);
  }

private:
  friend class dump_text;

  struct notes;

  notes& made();
  void forget(const void* wait) noexcept;
  void destroy() noexcept;

  notes* notes_ = nullptr;
};

// Builds the text that a dump shows, primitive by primitive:
//
//   <lock locked waiters[1]> "accounts"
//     held by "transfer 1" for 5.020 s
//     async_acquire by "transfer 2" for 4.900 s, deadline in 10.100 s
class dump_text
{
public:
  using time_point = diagnosis::time_point;

  explicit dump_text(time_point now) noexcept
    : now_(now)
  {
  }

  // Begins a primitive. The diagnosis must live until the next call of begin().
  void begin(std::string_view description, const diagnosis& known);

  // Adds a wait of the primitive. An expiry of time_point::max() means that it
  // has no deadline. A count of one is left out.
  void wait(const void* which, std::string_view operation, std::size_t count,
            time_point expiry);

  void undelivered(std::size_t count);

  // Adds the number of primitives that this thread may not read.
  void elsewhere(std::size_t count);

  const std::string& str() const noexcept
  {
    return text_;
  }

private:
  std::string text_;
  time_point now_;
  const diagnosis::notes* known_ = nullptr;
};

} // namespace toro::detail

#endif // TORO_DETAIL_DIAGNOSIS_HPP
