// SPDX-License-Identifier: BSL-1.0
#include <toro/error.hpp>
#include <toro/watch.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "robustness/fuzz/subject.hpp"

namespace toro_test {

namespace {

// A value with its number, which is larger than that of the one before.
struct value
{
  std::size_t number = 0;
  std::string text;
};

value make_value(std::size_t number)
{
  return {number, "a text that is not short " + std::to_string(number)};
}

void require_whole(const value& v)
{
  require(v.text == make_value(v.number).text, "a value is not whole");
}

// Implementation notes
//
// The owner knows the newest value, and which one each reader has seen: a value
// is seen when the handler runs that gets it, or when a predicate rejects it.
template <class Threading>
class watch_subject
  : public subject_of<toro::basic_watch<value, any_executor, Threading>>
{
  using watch_type = toro::basic_watch<value, any_executor, Threading>;
  using reader_type = typename watch_type::reader_type;
  using base = subject_of<watch_type>;

public:
  explicit watch_subject(surroundings& around)
    : base(around, make_value(0))
  {
  }

  void act() override
  {
    act_on_any();
    check();
  }

  void settle() override
  {
    check();
    require(!this->is_there() || open_ || this->object().waiters() == 0,
            "a wait is left in a closed watch");
  }

  void balance() override
  {
    require(!this->is_there() || this->object().waiters() == 0,
            "a wait is left");
    check();
  }

  void outlive() override
  {
    for (const reader_pointer& r : readers_)
    {
      get(*r);
      check();
    }
    readers_.clear();
  }

private:
  using seen_pointer = std::shared_ptr<std::size_t>;

  struct known_reader
  {
    explicit known_reader(reader_type its)
      : it(std::move(its))
    {
    }

    std::optional<reader_type> it;

    // The number of the value that was seen. The waits share it.
    seen_pointer seen = std::make_shared<std::size_t>(0);
  };

  using reader_pointer = std::unique_ptr<known_reader>;

  void act_on_any()
  {
    const std::size_t what = this->in_.below(16);
    if (what < 10)
      return act_on_reader(what);
    if (!this->is_there())
      return;
    switch (what)
    {
    case 10:
    case 11:
      return set();
    case 12:
      return update();
    case 13:
      if (this->in_.below(8) == 1)
      {
        this->object().close();
        open_ = false;
      }
      return;
    default:
      return read();
    }
  }

  void act_on_reader(std::size_t what)
  {
    if (readers_.empty())
      return;
    const std::size_t which = this->in_.below(readers_.size());
    known_reader& r = *readers_[which];
    switch (what)
    {
    case 0:
      if (this->in_.below(4) == 1)
        readers_.erase(readers_.begin() + static_cast<std::ptrdiff_t>(which));
      return;
    case 1:
    {
      reader_type moved = std::move(*r.it);
      r.it = std::move(moved);
      return;
    }
    case 2:
      return copy(r);
    case 3:
      return get(r);
    case 4:
    case 5:
      return wait_for_accepted(r);
    default:
      return wait(r);
    }
  }

  // What is committed on an executor other than that of the handler is told
  // later.
  bool is_up_to_date()
  {
    return std::is_same_v<Threading, toro::thread_safe> || this->is_quiet();
  }

  void check()
  {
    if (is_up_to_date())
    {
      for (const reader_pointer& r : readers_)
        require(r->it->has_news() == (*r->seen != newest_),
                "a reader has seen something else");
    }
    if (!this->is_there())
      return;
    const value v = this->object().get();
    require_whole(v);
    require(v.number == newest_, "the value is not the newest");
    require(this->object().is_open() == open_, "a watch was closed or opened");
  }

  void set()
  {
    error_code ec;
    this->object().set(make_value(newest_ + 1), ec);
    require(!ec == open_, "a watch was closed or opened");
    newest_ += open_;
  }

  // The function throws now and then, changes nothing, or sets another value
  // itself.
  void update()
  {
    const std::size_t what = this->in_.below(4);
    bool is_first = true;
    error_code ec;
    const bool done = this->object().update(
        [&](value& v)
        {
          require(v.number == newest_, "a value is not the newest");
          if (what == 1)
            throw user_exception();
          if (what == 2 && std::exchange(is_first, false))
            set();
          v = make_value(newest_ + 1);
          return what != 3;
        },
        ec);
    require(done == (open_ && what != 3), "an update is lost");
    require(ec == toro::error::closed || !ec, "an update failed");
    newest_ += done;
  }

  void read()
  {
    if (readers_.size() == 3)
      return;
    auto r = std::make_unique<known_reader>(this->object().read());
    *r->seen = newest_;
    readers_.push_back(std::move(r));
  }

  // The copy is a new reader, or takes the place of another one.
  void copy(const known_reader& from)
  {
    const std::size_t which = this->in_.below(3);
    if (which >= readers_.size())
      readers_.push_back(std::make_unique<known_reader>(*from.it));
    known_reader& to = *readers_[std::min(which, readers_.size() - 1)];
    to.it = *from.it;
    to.seen = std::make_shared<std::size_t>(*from.seen);
    if (!is_up_to_date())
      get(to);
  }

  void get(known_reader& r)
  {
    const value v = r.it->get();
    require_whole(v);
    require(v.number == newest_, "the value is not the newest");
    *r.seen = newest_;
  }

  static void note_seen(std::size_t& seen, std::size_t number)
  {
    seen = std::max(seen, number);
  }

  void note_next(std::size_t& seen, std::size_t seen_before, error_code ec,
                 const value& v)
  {
    require(ec != toro::error::closed || !open_, "an open watch is closed");
    if (ec)
      return;
    require_whole(v);
    require(v.number > seen_before, "a value came that had been seen");
    note_seen(seen, v.number);
  }

  void wait(known_reader& r)
  {
    this->begin(
        [&](auto&&... how)
        {
          r.it->async_next(std::forward<decltype(how)>(how)...);
        },
        [this, seen = r.seen, before = *r.seen](error_code ec, value v)
        {
          note_next(*seen, before, ec, v);
          require(ec || v.number == newest_ ||
                      !std::is_same_v<Threading, toro::thread_safe>,
                  "the value is not the newest");
        });
  }

  // The predicate throws now and then. The value is the one that it has
  // accepted, even if another was set since.
  void wait_for_accepted(known_reader& r)
  {
    const auto accepted = [this, seen = r.seen](const value& v)
    {
      require(v.number == newest_, "a predicate gets an old value");
      if (this->in_.below(16) == 1)
        throw user_exception();
      if (v.number % 3 == 0)
        return true;
      note_seen(*seen, v.number);
      return false;
    };
    this->begin_plainly(
        [&](auto&&... how)
        {
          r.it->async_next(accepted, std::forward<decltype(how)>(how)...);
        },
        [this, seen = r.seen, before = *r.seen](error_code ec, value v)
        {
          require(ec || v.number % 3 == 0, "a predicate did not hold");
          note_next(*seen, before, ec, v);
        });
  }

  bool open_ = true;
  std::size_t newest_ = 0;
  std::vector<reader_pointer> readers_;
};

} // namespace

subject_pointer make_watch(bool shared, surroundings& around)
{
  if (shared)
    return std::make_unique<watch_subject<toro::thread_safe>>(around);
  return std::make_unique<watch_subject<toro::strand_bound>>(around);
}

} // namespace toro_test
