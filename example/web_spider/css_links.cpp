// SPDX-License-Identifier: BSL-1.0

// Implementation notes
//
// The part of the tokenizer of CSS (css-syntax-3, section 4) that finds strings
// and URLs: comments, strings, escapes, identifiers. As the scanner of HTML, it
// never goes back.

#include "css_links.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "html_entities.hpp"

namespace spider {

namespace {

constexpr auto npos = std::string_view::npos;

bool is_space(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

bool is_hex(char c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
         (c >= 'A' && c <= 'F');
}

bool is_name_character(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string lower(std::string_view text)
{
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

class css_scanner
{
public:
  css_scanner(std::string_view css, link_list& links)
    : css_(css),
      links_(links)
  {
  }

  void scan();

private:
  bool is_at_end() const
  {
    return at_ >= css_.size();
  }

  char next() const
  {
    return css_[at_];
  }

  void skip_space();
  void skip_comment();
  void read_name();
  std::string read_string();
  void read_url();
  void read_escape(std::string& out);
  void collect(std::string link);

  const std::string_view css_;
  link_list& links_;
  std::size_t at_ = 0;
  bool is_import_ = false;    // within "@import ... ;"
  bool is_namespace_ = false; // within "@namespace ... ;"
};

void css_scanner::scan()
{
  while (!is_at_end())
  {
    const char c = next();
    if (css_.substr(at_).starts_with("/*"))
      skip_comment();
    else if (c == '"' || c == '\'')
    {
      std::string text = read_string();
      if (is_import_)
        collect(std::move(text));
      is_import_ = false;
    }
    else if (c == '@' || is_name_character(c))
      read_name();
    else
    {
      if (c == ';' || c == '{' || c == '}')
        is_import_ = is_namespace_ = false;
      at_ += c == '\\' ? 2 : 1;
    }
  }
}

void css_scanner::skip_space()
{
  while (!is_at_end() && is_space(next()))
    ++at_;
}

void css_scanner::skip_comment()
{
  const auto end = css_.find("*/", at_ + 2);
  at_ = end == npos ? css_.size() : end + 2;
}

void css_scanner::read_name()
{
  const auto begin = at_++;
  while (!is_at_end() && is_name_character(next()))
    ++at_;
  const std::string_view written = css_.substr(begin, at_ - begin);
  if (written.size() > std::string_view("@namespace").size())
    return;
  const std::string name = lower(written);
  if (name == "@import")
    is_import_ = true;
  else if (name == "@namespace")
    is_namespace_ = true;
  else if (name == "url" && !is_at_end() && next() == '(')
    read_url();
}

// At the "(" of "url(".
void css_scanner::read_url()
{
  ++at_;
  skip_space();
  std::string link;
  if (!is_at_end() && (next() == '"' || next() == '\''))
    link = read_string();
  else
    while (!is_at_end() && next() != ')' && !is_space(next()))
    {
      if (next() == '\\')
        read_escape(link);
      else
        link += css_[at_++];
    }
  at_ = std::min(css_.find(')', at_), css_.size());
  collect(std::move(link));
  is_import_ = false;
}

// At the quote. A line that ends within a string ends the string.
std::string css_scanner::read_string()
{
  const char quote = css_[at_++];
  std::string text;
  while (!is_at_end() && next() != '\n' && next() != '\r' && next() != '\f')
  {
    if (next() == quote)
    {
      ++at_;
      break;
    }
    if (next() == '\\')
      read_escape(text);
    else
      text += css_[at_++];
  }
  return text;
}

// At the "\" of an escape: up to six digits and a space, or any character. A
// line may be continued so.
void css_scanner::read_escape(std::string& out)
{
  ++at_;
  if (is_at_end())
    return;
  if (!is_hex(next()))
  {
    const char c = css_[at_++];
    if (c == '\r' && !is_at_end() && next() == '\n')
      ++at_;
    if (c != '\n' && c != '\r' && c != '\f')
      out += c;
    return;
  }
  std::string digits;
  while (digits.size() != 6 && !is_at_end() && is_hex(next()))
    digits += css_[at_++];
  if (!is_at_end() && is_space(next()))
    ++at_;
  out += with_entities_decoded("&#x" + digits + ';');
}

void css_scanner::collect(std::string link)
{
  if (!is_namespace_ && !link.empty() && !link.starts_with('#'))
    links_.add(std::move(link));
}

} // namespace

void find_css_links(std::string_view css, link_list& links)
{
  css_scanner(css, links).scan();
}

} // namespace spider
