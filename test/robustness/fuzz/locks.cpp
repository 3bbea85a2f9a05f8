// SPDX-License-Identifier: BSL-1.0
#include <toro/bounded_semaphore.hpp>
#include <toro/lock.hpp>
#include <toro/rw_lock.hpp>
#include <toro/semaphore.hpp>

#include "robustness/fuzz/ledgers.hpp"
#include "robustness/fuzz/subject.hpp"

namespace toro_test {

namespace {

template <class Threading>
class lock_subject
  : public subject_of<toro::basic_lock<any_executor, Threading>>
{
  using base = subject_of<toro::basic_lock<any_executor, Threading>>;
  using guard = toro::basic_guard<Threading>;

public:
  using base::base;

  void act() override
  {
    if (!this->is_there())
      return;
    switch (this->in_.below(6))
    {
    case 0:
      if (guard g = this->object().try_acquire())
        guards_.note({}, std::move(g));
      return;
    case 1:
      if (!guards_.empty())
        (void)guards_.take(0);
      return;
    case 2:
      return detach_or_release();
    default:
      this->begin(
          [this](auto&&... how)
          {
            this->object().async_acquire(std::forward<decltype(how)>(how)...);
          },
          [this](error_code ec, guard g)
          {
            require(!ec == static_cast<bool>(g), "success is a guard");
            guards_.note(ec, std::move(g));
          });
    }
  }

  void balance() override
  {
    if (!this->is_there())
      return;
    const std::size_t holders = guards_.sum(
        [](const guard& g)
        {
          return g ? 1u : 0u;
        });
    require(holders <= 1, "a lock has two holders");
    require(this->object().locked() == (holders == 1),
            "a lock is held by nobody");
    require(this->object().waiters() == 0, "a wait is left");
  }

private:
  void detach_or_release()
  {
    if (!guards_.empty())
    {
      guards_.take(0).detach();
      guards_.detached = 1;
      return;
    }
    error_code ec;
    this->object().release(ec);
    require(!ec == (guards_.detached == 1), "a release of what is not held");
    guards_.detached = 0;
  }

  guard_ledger<guard> guards_;
};

template <class Primitive, class Threading, bool Bounded>
class semaphore_subject : public subject_of<Primitive>
{
  using base = subject_of<Primitive>;
  using permit = toro::basic_permit<Threading>;

public:
  explicit semaphore_subject(surroundings& around)
    : base(around, initial)
  {
  }

  void act() override
  {
    if (!this->is_there())
      return;
    const std::size_t n = this->in_.below(4);
    switch (this->in_.below(7))
    {
    case 0:
      guards_.note({}, this->object().try_acquire(n));
      return;
    case 1:
      if (!guards_.empty())
        (void)guards_.take(n);
      return;
    case 2:
      if (!guards_.empty())
        detach(guards_.take(n));
      return;
    case 3:
      return release(n);
    case 4:
      return wait();
    default:
      return acquire(n);
    }
  }

  void balance() override
  {
    if (!this->is_there())
      return;
    const std::size_t held = guards_.sum(
        [](const permit& p)
        {
          return p.count();
        });
    require(this->object().value() + held == total_, "permits are lost");
    require(this->object().waiters() == 0, "a wait is left");
  }

private:
  static constexpr std::size_t initial = 3;

  void detach(permit p)
  {
    guards_.detached += p.count();
    p.detach();
  }

  void release(std::size_t n)
  {
    error_code ec;
    this->object().release(n, ec);
    if constexpr (Bounded)
    {
      require(!ec == (n <= guards_.detached), "a release of what is not held");
      guards_.detached -= ec ? 0 : n;
    }
    else
    {
      const std::size_t back = n < guards_.detached ? n : guards_.detached;
      require(!ec, "a release failed");
      guards_.detached -= back;
      total_ += n - back;
    }
  }

  void wait()
  {
    this->begin(
        [this](auto&&... how)
        {
          this->object().async_wait(std::forward<decltype(how)>(how)...);
        },
        [](error_code) {});
  }

  void acquire(std::size_t n)
  {
    this->begin(
        [this, n](auto&&... how)
        {
          this->object().async_acquire(n, std::forward<decltype(how)>(how)...);
        },
        [this, n](error_code ec, permit p)
        {
          require(ec || p.count() == n, "not what was asked for");
          guards_.note(ec, std::move(p));
        });
  }

  guard_ledger<permit> guards_;
  std::size_t total_ = initial;
};

template <class Threading>
class rw_lock_subject
  : public subject_of<toro::basic_rw_lock<any_executor, Threading>>
{
  using base = subject_of<toro::basic_rw_lock<any_executor, Threading>>;
  using read_guard = toro::basic_read_guard<Threading>;
  using write_guard = toro::basic_write_guard<Threading>;

public:
  explicit rw_lock_subject(surroundings& around)
    : base(around, max_readers)
  {
  }

  void act() override
  {
    if (!this->is_there())
      return;
    switch (this->in_.below(8))
    {
    case 0:
      readers_.note({}, this->object().try_acquire_read());
      return;
    case 1:
      writers_.note({}, this->object().try_acquire_write());
      return;
    case 2:
      if (!readers_.empty())
        (void)readers_.take(this->in_.below(max_readers));
      return;
    case 3:
      if (!writers_.empty())
        (void)writers_.take(0);
      return;
    case 4:
      if (!writers_.empty())
        readers_.note({}, writers_.take(0).downgrade());
      return;
    case 5:
      return acquire_write();
    default:
      return acquire_read();
    }
  }

  void balance() override
  {
    if (!this->is_there())
      return;
    const auto one = [](const auto& g)
    {
      return g ? 1u : 0u;
    };
    const std::size_t reading = readers_.sum(one);
    const std::size_t writing = writers_.sum(one);
    require(writing == 0 || (writing == 1 && reading == 0),
            "a writer is not alone");
    require(reading <= max_readers, "too many readers are in");
    require(this->object().readers() == reading, "read holds are lost");
    require(this->object().write_locked() == (writing == 1),
            "a write hold is lost");
    require(this->object().waiters() == 0, "a wait is left");
  }

private:
  static constexpr std::size_t max_readers = 2;

  void acquire_read()
  {
    this->begin(
        [this](auto&&... how)
        {
          this->object().async_acquire_read(
              std::forward<decltype(how)>(how)...);
        },
        [this](error_code ec, read_guard g)
        {
          require(!ec == static_cast<bool>(g), "success is a guard");
          readers_.note(ec, std::move(g));
        });
  }

  void acquire_write()
  {
    this->begin(
        [this](auto&&... how)
        {
          this->object().async_acquire_write(
              std::forward<decltype(how)>(how)...);
        },
        [this](error_code ec, write_guard g)
        {
          require(!ec == static_cast<bool>(g), "success is a guard");
          writers_.note(ec, std::move(g));
        });
  }

  guard_ledger<read_guard> readers_;
  guard_ledger<write_guard> writers_;
};

template <class Threading>
subject_pointer make(std::size_t kind, surroundings& around)
{
  using semaphore = toro::basic_semaphore<any_executor, Threading>;
  using bounded = toro::basic_bounded_semaphore<any_executor, Threading>;
  switch (kind)
  {
  case 0:
    return std::make_unique<lock_subject<Threading>>(around);
  case 1:
    return std::make_unique<semaphore_subject<semaphore, Threading, false>>(
        around);
  case 2:
    return std::make_unique<semaphore_subject<bounded, Threading, true>>(
        around);
  default:
    return std::make_unique<rw_lock_subject<Threading>>(around);
  }
}

} // namespace

subject_pointer make_lock(std::size_t kind, bool shared, surroundings& around)
{
  return shared ? make<toro::thread_safe>(kind, around)
                : make<toro::strand_bound>(kind, around);
}

} // namespace toro_test
