// SPDX-License-Identifier: BSL-1.0

// Implementation notes
//
// Links stand in start tags, so no tree is needed to find them: this is the
// tokenizer of the HTML standard (section 13.2.5) without the construction of
// the tree, whose cost is not linear: the depth of a page, the formatting
// elements left open, and the attributes of a tag multiply there.
//
// Invariant: the scanner never goes back, so the time is linear in the length
// of the document, whatever it holds. The memory is that of the links.

#include "html_links.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "charset.hpp"
#include "css_links.hpp"
#include "html_entities.hpp"
#include "link_lists.hpp"

namespace spider {

namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view space = " \t\n\f\r";

// The attributes that matter here.
enum attribute
{
  attribute_href,
  attribute_src,
  attribute_poster,
  attribute_data,
  attribute_rel,
  attribute_srcset,
  attribute_imagesrcset,
  attribute_style,
  attribute_id,
  attribute_name,
  attribute_http_equiv,
  attribute_content,
  attribute_charset,
  attribute_count,
};

constexpr std::string_view attribute_names[attribute_count] = {
    "href",  "src", "poster", "data",       "rel",     "srcset", "imagesrcset",
    "style", "id",  "name",   "http-equiv", "content", "charset"};

struct linking_attribute
{
  std::string_view element;
  attribute name;
};

constexpr linking_attribute linking_attributes[] = {
    {"a", attribute_href},     {"area", attribute_href},
    {"link", attribute_href},  {"img", attribute_src},
    {"image", attribute_src},  {"script", attribute_src},
    {"iframe", attribute_src}, {"frame", attribute_src},
    {"embed", attribute_src},  {"audio", attribute_src},
    {"video", attribute_src},  {"video", attribute_poster},
    {"source", attribute_src}, {"track", attribute_src},
    {"input", attribute_src},  {"object", attribute_data},
};

// The elements whose content is text, whatever it looks like.
constexpr std::string_view text_elements[] = {"script",   "style", "title",
                                              "textarea", "xmp",   "noembed",
                                              "noframes", "iframe"};

bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Whether `text` is `name`, which is in lower case, in any case.
bool is_same(std::string_view text, std::string_view name)
{
  return std::ranges::equal(text, name, {}, lower);
}

// Whether `text` begins with `prefix` in any case.
bool begins(std::string_view text, std::string_view prefix)
{
  return is_same(text.substr(0, prefix.size()), prefix);
}

struct tag
{
  std::string_view name{}; // as it is written
  std::string_view values[attribute_count]{};
  bool has[attribute_count]{};
  bool is_self_closing = false;
};

class scanner
{
public:
  scanner(std::string_view html, std::size_t limit)
    : html_(html),
      links_(limit),
      limit_(limit)
  {
  }

  html_links scan();

private:
  std::string_view rest() const
  {
    return html_.substr(at_);
  }

  bool is_at_end() const
  {
    return at_ >= html_.size();
  }

  // Move to the next character of `set`; a character of it is not skipped.
  std::string_view read_until(std::string_view set);
  void skip_space();
  void skip_past(std::string_view text);

  void skip_comment();
  void skip_declaration();
  bool read_tag(tag& read);
  void read_attribute(tag& read);
  std::string_view read_value();

  void start(const tag& begun);
  void end(const tag& ended);
  std::string_view skip_text_of(std::string_view element);
  void skip_script();
  bool is_at_end_tag(std::string_view element) const;
  void collect(const tag& begun);
  void collect_lists(const tag& begun);
  void collect_anchors(const tag& begun);
  void collect_charset(const tag& begun);

  const std::string_view html_;
  std::size_t at_ = 0;
  std::size_t foreign_depth_ = 0; // of svg and math elements
  link_list links_;
  const std::size_t limit_;
  html_links found_;
};

html_links scanner::scan()
{
  while ((at_ = html_.find('<', at_)) != npos)
  {
    ++at_;
    const char next = is_at_end() ? '\0' : html_[at_];
    const char after = at_ + 1 < html_.size() ? html_[at_ + 1] : '\0';
    tag read;
    if (is_letter(next))
    {
      if (read_tag(read))
        start(read);
    }
    else if (next == '/' && is_letter(after))
    {
      ++at_;
      if (read_tag(read))
        end(read);
    }
    else if (next == '!')
      skip_declaration();
    else if (next == '?' || next == '/')
      skip_past(">");
  }
  found_.has_more = found_.has_more || links_.has_more();
  found_.links = links_.take();
  found_.anchors.finish();
  return std::move(found_);
}

std::string_view scanner::read_until(std::string_view set)
{
  const auto begin = at_;
  at_ = std::min(html_.find_first_of(set, at_), html_.size());
  return html_.substr(begin, at_ - begin);
}

void scanner::skip_space()
{
  at_ = std::min(html_.find_first_not_of(space, at_), html_.size());
}

void scanner::skip_past(std::string_view text)
{
  const auto found = html_.find(text, at_);
  at_ = found == npos ? html_.size() : found + text.size();
}

// Behind the "<" of "<!".
void scanner::skip_declaration()
{
  if (rest().starts_with("!--"))
    skip_comment();
  else if (foreign_depth_ != 0 && rest().starts_with("![CDATA["))
    skip_past("]]>");
  else
    skip_past(">");
}

// Behind the "<" of "<!--". "<!-->" and "<!--->" are comments, too.
void scanner::skip_comment()
{
  at_ += 3;
  if (rest().starts_with(">") || rest().starts_with("->"))
    return skip_past(">");
  while ((at_ = html_.find("--", at_)) != npos)
  {
    const std::string_view behind = html_.substr(at_ + 2);
    if (behind.starts_with(">") || behind.starts_with("!>"))
      return skip_past(">");
    ++at_;
  }
  at_ = html_.size();
}

// At the name of a tag. Returns false if the document ends within the tag.
bool scanner::read_tag(tag& read)
{
  read.name = read_until(" \t\n\f\r/>");
  for (;;)
  {
    skip_space();
    if (is_at_end())
      return false;
    if (html_[at_] == '>')
      break;
    if (html_[at_] != '/')
    {
      read_attribute(read);
      continue;
    }
    ++at_;
    read.is_self_closing = rest().starts_with(">");
  }
  ++at_;
  return true;
}

// The first one of equal attributes counts.
void scanner::read_attribute(tag& read)
{
  const auto begin = at_;
  ++at_; // a "=" in front belongs to the name
  read_until(" \t\n\f\r/>=");
  const auto name = html_.substr(begin, at_ - begin);
  skip_space();
  std::string_view value;
  if (rest().starts_with("="))
    value = read_value();
  for (std::size_t i = 0; i != attribute_count; ++i)
    if (!read.has[i] && is_same(name, attribute_names[i]))
    {
      read.has[i] = true;
      read.values[i] = value;
    }
}

// At the "=" in front of a value.
std::string_view scanner::read_value()
{
  ++at_;
  skip_space();
  if (is_at_end() || html_[at_] == '>')
    return {};
  const char quote = html_[at_];
  if (quote != '"' && quote != '\'')
    return read_until(" \t\n\f\r>");
  ++at_;
  const auto value = read_until({&quote, 1});
  if (!is_at_end())
    ++at_;
  return value;
}

void scanner::start(const tag& begun)
{
  collect(begun);
  const bool is_foreign =
      is_same(begun.name, "svg") || is_same(begun.name, "math");
  if (is_foreign && !begun.is_self_closing)
    ++foreign_depth_;
  if (is_same(begun.name, "plaintext"))
    at_ = html_.size();
  // Only in svg and math, "<script/>" has no content.
  if (begun.is_self_closing && foreign_depth_ != 0)
    return;
  for (const auto name : text_elements)
    if (is_same(begun.name, name))
    {
      const auto text = skip_text_of(name);
      if (name == "style")
        find_css_links(text, links_);
    }
}

void scanner::end(const tag& ended)
{
  if (foreign_depth_ != 0 &&
      (is_same(ended.name, "svg") || is_same(ended.name, "math")))
    --foreign_depth_;
}

// Leaves the scanner at the end tag, or at the end of the document. Returns
// what stands in front of it; a script is not returned.
std::string_view scanner::skip_text_of(std::string_view element)
{
  const auto begin = at_;
  if (element == "script")
  {
    skip_script();
    return {};
  }
  while ((at_ = html_.find("</", at_)) != npos)
  {
    if (is_at_end_tag(element))
      return html_.substr(begin, at_ - begin);
    ++at_;
  }
  at_ = html_.size();
  return html_.substr(begin);
}

// "<script>" within "<!--" within a script hides one "</script>".
void scanner::skip_script()
{
  bool is_commented = false;
  bool is_nested = false;
  for (; !is_at_end(); ++at_)
  {
    if (is_commented && rest().starts_with("-->"))
      is_commented = is_nested = false;
    if (html_[at_] != '<')
      continue;
    const std::string_view behind = html_.substr(at_ + 1);
    if (is_at_end_tag("script"))
    {
      if (!is_nested)
        return;
      is_nested = false;
    }
    else if (!is_commented && behind.starts_with("!--"))
    {
      is_commented = true;
      ++at_; // "<!-->" begins and ends
    }
    else if (is_commented && begins(behind, "script") && behind.size() > 6 &&
             (space.find(behind[6]) != npos || behind[6] == '/' ||
              behind[6] == '>'))
      is_nested = true;
  }
}

// Whether "</element" stands here, and its name ends there.
bool scanner::is_at_end_tag(std::string_view element) const
{
  const std::string_view text = rest();
  if (!text.starts_with("</") || !begins(text.substr(2), element))
    return false;
  const std::string_view behind = text.substr(2 + element.size());
  return !behind.empty() && (space.find(behind[0]) != npos ||
                             behind[0] == '/' || behind[0] == '>');
}

// Such a <link> names a host to get ready for, and no resource.
bool is_hint(const tag& begun)
{
  const auto rel = begun.values[attribute_rel];
  return is_same(begun.name, "link") &&
         (rel == "preconnect" || rel == "dns-prefetch");
}

void scanner::collect(const tag& begun)
{
  collect_anchors(begun);
  collect_charset(begun);
  if (is_same(begun.name, "base") && !found_.base && begun.has[attribute_href])
    found_.base = with_entities_decoded(begun.values[attribute_href]);
  if (is_hint(begun))
    return;
  for (const auto& [element, name] : linking_attributes)
    if (begun.has[name] && is_same(begun.name, element))
      links_.add(with_entities_decoded(begun.values[name]));
  collect_lists(begun);
}

// The attributes that hold more than a link.
void scanner::collect_lists(const tag& begun)
{
  const auto text = [&begun](attribute name)
  {
    return with_entities_decoded(begun.values[name]);
  };
  if (is_same(begun.name, "img") || is_same(begun.name, "source"))
    find_srcset_links(text(attribute_srcset), links_);
  else if (is_same(begun.name, "link"))
    find_srcset_links(text(attribute_imagesrcset), links_);
  else if (is_same(begun.name, "meta") &&
           is_same(begun.values[attribute_http_equiv], "refresh"))
    find_refresh_link(text(attribute_content), links_);
  if (begun.has[attribute_style])
    find_css_links(text(attribute_style), links_);
}

void scanner::collect_anchors(const tag& begun)
{
  const bool is_named = begun.has[attribute_name] && is_same(begun.name, "a");
  for (const auto& [name, is_anchor] :
       {std::pair(attribute_id, begun.has[attribute_id]),
        std::pair(attribute_name, is_named)})
    if (is_anchor && found_.anchors.size() == limit_)
      found_.has_more = true;
    else if (is_anchor)
      found_.anchors.add(with_entities_decoded(begun.values[name]));
}

// The first one counts.
void scanner::collect_charset(const tag& begun)
{
  if (!found_.charset_label.empty() || !is_same(begun.name, "meta"))
    return;
  if (begun.has[attribute_charset])
    found_.charset_label = begun.values[attribute_charset];
  else if (is_same(begun.values[attribute_http_equiv], "content-type"))
    found_.charset_label = charset_label_in(begun.values[attribute_content]);
}

} // namespace

html_links find_links(std::string_view html, std::size_t limit)
{
  return scanner(html, limit).scan();
}

} // namespace spider
