// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_FORMAT_HPP
#define TORO_DETAIL_FORMAT_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace toro::detail {

// Builds what primitives show of themselves, as Toro's str() did:
// "<queue maxsize=3 size=1 getters[2]>". Parts that say nothing are left out.
class description
{
public:
  explicit description(std::string_view name);

  // Nothing, where the text is empty.
  description& word(std::string_view text);

  // "key=value".
  description& figure(std::string_view key, std::size_t value);

  // The same, left out where it is zero.
  description& figure_if_any(std::string_view key, std::size_t value);

  // "key[count]", left out where it is zero.
  description& count_if_any(std::string_view key, std::size_t count);

  std::string str() const;

private:
  std::string text_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_FORMAT_HPP
