// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_RARE_TEXT_HPP
#define TORO_EXAMPLE_WEB_SPIDER_RARE_TEXT_HPP

#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace spider {

/// A text that is nearly always empty, and takes the room of a pointer then.
class rare_text
{
public:
  rare_text() = default;

  rare_text(std::string text) // implicit: it is a string
    : text_(text.empty() ? nullptr
                         : std::make_unique<std::string>(std::move(text)))
  {
  }

  rare_text(const char* text)
    : rare_text(std::string(text))
  {
  }

  rare_text(const rare_text& other)
    : rare_text(other.str())
  {
  }

  rare_text(rare_text&&) noexcept = default;

  rare_text& operator=(rare_text other) noexcept
  {
    text_ = std::move(other.text_);
    return *this;
  }

  ~rare_text() = default;

  bool empty() const noexcept
  {
    return !text_;
  }

  const std::string& str() const noexcept
  {
    static const std::string nothing;
    return text_ ? *text_ : nothing;
  }

  operator const std::string&() const noexcept
  {
    return str();
  }

  friend bool operator==(const rare_text& one, std::string_view other)
  {
    return one.str() == other;
  }

  friend std::ostream& operator<<(std::ostream& out, const rare_text& text)
  {
    return out << text.str();
  }

private:
  std::unique_ptr<std::string> text_; // null if it is empty
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_RARE_TEXT_HPP
