// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_FUNCTION_REF_HPP
#define TORO_TEST_SUPPORT_FUNCTION_REF_HPP

#include <memory>

namespace toro_test {

// Refers to a function object, which has to live until the last call. Does not
// allocate, and has fewer functions to compile than std::function.
template <class... Args>
class function_ref
{
public:
  template <class Function>
  function_ref(const Function& function) noexcept
    : object_(std::addressof(function)),
      call_(&function_ref::call<Function>)
  {
  }

  void operator()(Args... args) const
  {
    call_(object_, args...);
  }

private:
  template <class Function>
  static void call(const void* object, Args... args)
  {
    (*static_cast<const Function*>(object))(args...);
  }

  const void* object_;
  void (*call_)(const void*, Args...);
};

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_FUNCTION_REF_HPP
