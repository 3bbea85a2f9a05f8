// SPDX-License-Identifier: BSL-1.0
#include <toro/delay_queue.hpp>
#include <toro/error.hpp>

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "robustness/fuzz/ledgers.hpp"
#include "robustness/fuzz/subject.hpp"

namespace toro_test {

namespace {

using item = item_ledger::item;

template <class Threading>
class delay_queue_subject
  : public subject_of<toro::basic_delay_queue<item, any_executor, Threading>>
{
  using queue_type = toro::basic_delay_queue<item, any_executor, Threading>;
  using base = subject_of<queue_type>;

public:
  using base::base;

  ~delay_queue_subject() override
  {
    destroy();
  }

  void act() override
  {
    if (!this->is_there())
      return;
    act_on_queue();
    require(this->object().is_open() == open_, "a queue was closed or opened");
    if (this->is_quiet())
      check_counts();
  }

  void destroy() override
  {
    items_.end();
    base::destroy();
  }

  // By now all items are due.
  void settle() override
  {
    if (!this->is_there() || this->object().waiters() == 0)
      return;
    require(this->object().empty(), "a get waits beside items");
    require(open_, "a get is left in a closed queue");
  }

  void balance() override
  {
    if (!this->is_there())
      return;
    check_counts();
    while (!items_.left().empty())
      try_get();
    require(this->object().empty(), "there are too many items");
  }

  void expect_end_of_context() override
  {
    items_.end();
  }

private:
  using time_point = toro::deadline::time_point;

  // What was put, by number.
  struct record
  {
    time_point due;
    toro::delay_key key;
  };

  void act_on_queue()
  {
    switch (this->in_.below(10))
    {
    case 0:
    case 1:
    case 2:
      return put();
    case 3:
      return try_get();
    case 4:
    case 5:
      return erase();
    case 6:
      if (this->in_.below(8) == 1)
      {
        this->object().close();
        open_ = false;
      }
      return;
    default:
      return get();
    }
  }

  void check_counts()
  {
    require(this->object().waiters() == 0, "a wait is left");
    require(this->object().size() == items_.left().size(),
            "items are lost, or too many");
  }

  time_point now()
  {
    return this->around_.clock.now();
  }

  time_point due_of(int number) const
  {
    return records_[static_cast<std::size_t>(number)].due;
  }

  // Some are due at once, and many at the same time.
  void put()
  {
    item offered = items_.make();
    const int number = *offered;
    const time_point due = now() + std::chrono::seconds(this->in_.below(5)) -
                           std::chrono::seconds(1);
    error_code ec;
    const toro::delay_key key = this->object().put(std::move(offered), due, ec);
    require(!ec == open_, "a queue was closed or opened");
    require(!ec == !offered, "an item is neither here nor there");
    records_.push_back({due, key});
    if (ec)
      items_.note_refusal(number);
    else
      items_.note_put(number, ec);
  }

  // Also what is not there any more.
  void erase()
  {
    if (records_.empty())
      return;
    const std::size_t back = this->in_.below(8) % records_.size();
    const std::size_t which = records_.size() - 1 - back;
    const bool is_quiet = this->is_quiet();
    const bool is_in = items_.is_in(static_cast<int>(which));
    const bool erased = items_.while_dropping(
        [&]
        {
          return this->object().erase(records_[which].key);
        });
    require(!erased || is_in, "an item was erased that was not there");
    require(!is_quiet || erased == is_in, "an item was not erased");
    require(erased == (is_in && !items_.is_in(static_cast<int>(which))),
            "another item was erased");
  }

  bool comes_before(int a, int b) const
  {
    return std::pair(due_of(a), a) < std::pair(due_of(b), b);
  }

  void try_get()
  {
    const bool is_quiet = this->is_quiet();
    const item got = this->object().try_get().value_or(nullptr);
    if (got)
      note_get({}, got);
    if (!is_quiet)
      return;
    for (int other : items_.left())
    {
      require(got || due_of(other) > now(), "an item is due that is not given");
      require(!got || comes_before(*got, other), "an item came out of turn");
    }
  }

  void note_get(error_code ec, const item& got)
  {
    require(!got || due_of(*got) <= now(), "an item came too early");
    items_.note_get(ec, got);
  }

  void get()
  {
    this->begin(
        [this](auto&&... how)
        {
          this->object().async_get(std::forward<decltype(how)>(how)...);
        },
        [this](error_code ec, item got)
        {
          require(ec != toro::error::closed || !open_,
                  "an open queue is closed");
          note_get(ec, got);
        });
  }

  bool open_ = true;
  item_ledger items_;
  std::vector<record> records_;
};

} // namespace

subject_pointer make_delay_queue(bool shared, surroundings& around)
{
  if (shared)
    return std::make_unique<delay_queue_subject<toro::thread_safe>>(around);
  return std::make_unique<delay_queue_subject<toro::strand_bound>>(around);
}

} // namespace toro_test
