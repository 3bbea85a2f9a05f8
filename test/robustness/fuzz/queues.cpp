// SPDX-License-Identifier: BSL-1.0
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>

#include <boost/asio/error.hpp>

#include "robustness/fuzz/ledgers.hpp"
#include "robustness/fuzz/subject.hpp"

namespace toro_test {

namespace {

using item = item_ledger::item;

// Many items are equal. Throws now and then.
class smaller
{
public:
  explicit smaller(choices& in)
    : in_(&in)
  {
  }

  bool operator()(const item& a, const item& b) const
  {
    if (in_->below(32) == 1)
      throw user_exception();
    return *a % 4 < *b % 4;
  }

private:
  choices* in_;
};

template <class Queue>
class queue_subject : public subject_of<Queue>
{
  using base = subject_of<Queue>;

public:
  using base::base;

  void act() override
  {
    if (!this->is_there())
      return;
    switch (this->in_.below(11))
    {
    case 0:
      return try_put();
    case 1:
      return try_get();
    case 2:
      return finish_task();
    case 3:
      return join();
    case 4:
      if (this->in_.below(8) == 1)
        this->object().close();
      return;
    case 5:
    case 6:
    case 7:
      return get();
    default:
      return put();
    }
  }

  void balance() override
  {
    if (!this->is_there())
      return;
    require(this->object().waiters() == 0, "a wait is left");
    require(this->object().size() == items_.left(),
            "items are lost, or too many");
    require(this->object().unfinished() == items_.entered - finished_,
            "tasks are lost, or too many");
  }

private:
  void try_put()
  {
    item offered = items_.make();
    const int number = *offered;
    bool taken = false;
    try
    {
      taken = this->object().try_put(std::move(offered));
    }
    catch (const user_exception&)
    {
    }
    require(taken == !offered, "an item is neither here nor there");
    items_.note_put(number,
                    taken ? error_code() : boost::asio::error::no_buffer_space);
  }

  void try_get()
  {
    if (auto got = this->object().try_get())
      items_.note_get({}, std::move(*got));
  }

  // Of an item that has been taken.
  void finish_task()
  {
    if (finished_ == items_.taken)
      return;
    this->object().task_done();
    ++finished_;
  }

  void join()
  {
    this->begin(
        [this](auto&&... how)
        {
          this->object().async_join(std::forward<decltype(how)>(how)...);
        },
        [](error_code) {});
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
          items_.note_get(ec, std::move(got));
        });
  }

  void put()
  {
    item offered = items_.make();
    const int number = *offered;
    this->begin(
        [&](auto&&... how)
        {
          this->object().async_put(std::move(offered),
                                   std::forward<decltype(how)>(how)...);
        },
        [this, number](error_code ec)
        {
          items_.note_put(number, ec);
        });
  }

  item_ledger items_;
  std::size_t finished_ = 0;
};

template <class Threading>
subject_pointer make(std::size_t kind, surroundings& around)
{
  using fifo = toro::basic_queue<item, any_executor, Threading>;
  using lifo = toro::basic_lifo_queue<item, any_executor, Threading>;
  using sorted =
      toro::basic_priority_queue<item, smaller, any_executor, Threading>;
  const std::size_t bound = around.in.below(3);
  switch (kind)
  {
  case 0:
    return std::make_unique<queue_subject<fifo>>(around, bound);
  case 1:
    return std::make_unique<queue_subject<lifo>>(around, bound);
  default:
    return std::make_unique<queue_subject<sorted>>(around, bound,
                                                   smaller(around.in));
  }
}

} // namespace

subject_pointer make_queue(std::size_t kind, bool shared, surroundings& around)
{
  return shared ? make<toro::thread_safe>(kind, around)
                : make<toro::strand_bound>(kind, around);
}

} // namespace toro_test
