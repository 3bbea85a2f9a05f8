// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_ASSOCIATED_NAME_HPP
#define TORO_DETAIL_ASSOCIATED_NAME_HPP

#include <toro/detail/config.hpp>

#include <boost/asio/associator.hpp>
#include <boost/core/no_exceptions_support.hpp>

#include <string_view>
#include <type_traits>

namespace toro {

template <class T, class Default>
struct associated_name;

namespace detail {

template <class T, class Default, class = void>
struct associated_name_of
{
  using toro_has_no_name = void;
  using type = Default;

  static type get(const T&) noexcept
  {
    return type();
  }

  static type get(const T&, const Default& fallback) noexcept
  {
    return fallback;
  }
};

// An adapter of Asio's passes on the name of the handler inside.
template <class T, class Default>
struct associated_name_of<T, Default,
                          std::void_t<typename boost::asio::associator<
                              associated_name, T, Default>::type>>
  : boost::asio::associator<associated_name, T, Default>
{
};

} // namespace detail

/// The name under which a handler's operation shows in a dump.
/**
 * An associator, as @c boost::asio::associated_allocator is one: adapters such
 * as @c as_tuple pass on what they hold. bind_name() makes handlers that have
 * a name; a type of one's own gets one by a specialisation with a member
 * @c type, which is @c std::string_view, and two functions @c get. The view has
 * to be valid as long as the handler stays where it is.
 *
 * @tparam T The type of the handler.
 *
 * @tparam Default The type of the name of handlers that have none.
 */
template <class T, class Default = std::string_view>
struct associated_name : detail::associated_name_of<T, Default>
{
};

namespace detail {

template <class Handler>
inline constexpr bool has_name = !requires
{
  typename associated_name<Handler>::toro_has_no_name;
};

// The name of a handler, empty if it has none. Valid until the handler is moved
// or destroyed.
template <class Handler>
std::string_view name_of(const Handler& handler)
{
  if constexpr (has_name<Handler>)
  {
    static_assert(std::is_same_v<typename associated_name<Handler>::type,
                                 std::string_view>,
                  "an associated name is a string_view");
    return associated_name<Handler>::get(handler);
  }
  else
  {
    return {};
  }
}

// Gives the guard of an operation the name of the operation, unless memory runs
// out.
template <class Request, class Completion, class Handler>
void pass_on_name([[maybe_unused]] Completion& done,
                  [[maybe_unused]] const Handler& handler) noexcept
{
  if constexpr (Request::brings_guard && has_name<Handler>)
  {
    BOOST_TRY
    {
      done.value.set_name(detail::name_of(handler));
    }
    BOOST_CATCH(...)
    {
    }
    BOOST_CATCH_END
  }
}

} // namespace detail

} // namespace toro

#endif // TORO_DETAIL_ASSOCIATED_NAME_HPP
