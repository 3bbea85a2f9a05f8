// SPDX-License-Identifier: BSL-1.0
// The primitives behind the subjects of all files, compiled once.

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "unit/conformance/fixture.hpp"

namespace toro_test {

class primitive
{
public:
  virtual ~primitive() = default;

  virtual void* address() = 0;

  // As in bare_subject.
  virtual void grant() = 0;
  virtual bool is_whole() const = 0;
  virtual std::size_t cancel() = 0;
  virtual std::size_t waiters() const = 0;
  virtual std::string text() const = 0;
  virtual void move() = 0;
  virtual void assign_over(const boost::asio::any_io_executor& executor) = 0;
  virtual void destroy() = 0;
  virtual void drop_guard() = 0;
};

namespace {

template <class Operation>
class primitive_of final : public primitive
{
public:
  using executor_type = boost::asio::any_io_executor;

  explicit primitive_of(const executor_type& executor)
    : it_(executor)
  {
  }

  void* address() override
  {
    return &it_;
  }

  void grant() override
  {
    it_.grant();
  }

  bool is_whole() const override
  {
    return it_.is_whole();
  }

  std::size_t cancel() override
  {
    return it_.object.cancel();
  }

  std::size_t waiters() const override
  {
    return it_.object.waiters();
  }

  std::string text() const override
  {
    return to_string(it_.object);
  }

  void move() override
  {
    subject_of<Operation> other(std::move(it_));
    it_ = std::move(other);
  }

  void assign_over(const executor_type& executor) override
  {
    it_.object = std::move(subject_of<Operation>(executor).object);
  }

  void destroy() override
  {
    const auto victim = std::move(it_.object);
  }

  void drop_guard() override
  {
    if constexpr (requires { it_.held.reset(); })
      it_.held.reset();
  }

private:
  subject_of<Operation> it_;
};

using maker =
    std::unique_ptr<primitive> (*)(const boost::asio::any_io_executor&);

template <class Operation>
std::unique_ptr<primitive>
make_primitive(const boost::asio::any_io_executor& executor)
{
  return std::unique_ptr<primitive>(new primitive_of<Operation>(executor));
}

template <class... Operation>
maker maker_at(std::size_t place, std::tuple<Operation...>*)
{
  static constexpr maker all[] = {&make_primitive<Operation>...};
  return all[place];
}

template <class Operation, template <class> class Family, class Policy>
operation_facts facts_of(Family<Policy>*)
{
  constexpr bool thread_safe = std::is_same_v<Policy, toro::thread_safe>;
  return {std::string(Operation::name) +
              (thread_safe ? " thread_safe" : " strand_bound"),
          Operation::never_ready,
          Operation::grants_all,
          Operation::grant_is_final,
          Operation::start_is_final,
          Operation::keeps_effect,
          Operation::serves_once,
          Operation::reads_clock,
          thread_safe};
}

template <class... Operation>
std::vector<operation_facts> all_facts(std::tuple<Operation...>*)
{
  return {facts_of<Operation>(static_cast<Operation*>(nullptr))...};
}

} // namespace

const std::vector<operation_facts>& all_operation_facts()
{
  static const std::vector<operation_facts> all =
      all_facts(static_cast<all_operations*>(nullptr));
  return all;
}

bare_subject::bare_subject() = default;
bare_subject::~bare_subject() = default;

void* bare_subject::make(std::size_t place,
                         const boost::asio::any_io_executor& executor)
{
  primitive_ = maker_at(place, static_cast<all_operations*>(nullptr))(executor);
  place_ = place;
  address_ = primitive_->address();
  return address_;
}

void bare_subject::grant()
{
  primitive_->grant();
}

bool bare_subject::is_whole() const
{
  return primitive_->is_whole();
}

std::size_t bare_subject::cancel()
{
  return primitive_->cancel();
}

std::size_t bare_subject::waiters() const
{
  return primitive_->waiters();
}

std::string bare_subject::text() const
{
  return primitive_->text();
}

void bare_subject::move()
{
  primitive_->move();
}

void bare_subject::assign_over(const boost::asio::any_io_executor& executor)
{
  primitive_->assign_over(executor);
}

void bare_subject::destroy_primitive()
{
  primitive_->destroy();
}

void bare_subject::drop_guard()
{
  primitive_->drop_guard();
}

} // namespace toro_test
