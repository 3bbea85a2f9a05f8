// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_FORMAT_HPP
#define TORO_DETAIL_FORMAT_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace toro::detail {

// Builds the text of a primitive in the form of Toro's str():
// "<queue maxsize=3 size=1 getters[2]>".
class description
{
public:
  explicit description(std::string_view name);

  // Adds a word, or nothing if the text is empty.
  description& word(std::string_view text);

  // Adds "key=value".
  description& figure(std::string_view key, std::size_t value);

  // Adds "key=value" unless the value is zero.
  description& figure_if_any(std::string_view key, std::size_t value);

  // Adds "key[count]" unless the count is zero.
  description& count_if_any(std::string_view key, std::size_t count);

  std::string str() const;

private:
  std::string text_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_FORMAT_HPP
