// SPDX-License-Identifier: BSL-1.0

#include "html_entities.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <map>

#include "charset.hpp"

namespace spider {

namespace {

using names = std::map<std::string_view, char32_t>;

// U+00A0 to U+00FF, in their order.
constexpr std::string_view latin_1[] = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar",
    "sect",   "uml",    "copy",   "ordf",   "laquo",  "not",    "shy",
    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",   "acute",
    "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",
    "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",
    "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute",
    "Ecirc",  "Euml",   "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",
    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",   "times",
    "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
    "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",
    "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
    "iacute", "icirc",  "iuml",   "eth",    "ntilde", "ograve", "oacute",
    "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave", "uacute",
    "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

// The names that HTML allows without a semicolon, too.
names make_old_names()
{
  names known{{"amp", U'&'},     {"AMP", U'&'},  {"lt", U'<'},
              {"LT", U'<'},      {"gt", U'>'},   {"GT", U'>'},
              {"quot", U'"'},    {"QUOT", U'"'}, {"COPY", U'\u00A9'},
              {"REG", U'\u00AE'}};
  char32_t next = 0xA0;
  for (const auto name : latin_1)
    known.emplace(name, next++);
  return known;
}

names make_new_names()
{
  return {{"apos", U'\''},       {"ast", U'*'},        {"bsol", U'\\'},
          {"colon", U':'},       {"comma", U','},      {"commat", U'@'},
          {"dollar", U'$'},      {"equals", U'='},     {"excl", U'!'},
          {"grave", U'`'},       {"lbrace", U'{'},     {"lbrack", U'['},
          {"lcub", U'{'},        {"lowbar", U'_'},     {"lpar", U'('},
          {"lsqb", U'['},        {"num", U'#'},        {"percnt", U'%'},
          {"period", U'.'},      {"plus", U'+'},       {"quest", U'?'},
          {"rbrace", U'}'},      {"rbrack", U']'},     {"rcub", U'}'},
          {"rpar", U')'},        {"rsqb", U']'},       {"semi", U';'},
          {"sol", U'/'},         {"verbar", U'|'},     {"vert", U'|'},
          {"Tab", U'\t'},        {"NewLine", U'\n'},   {"ndash", U'\u2013'},
          {"mdash", U'\u2014'},  {"lsquo", U'\u2018'}, {"rsquo", U'\u2019'},
          {"ldquo", U'\u201C'},  {"rdquo", U'\u201D'}, {"hellip", U'\u2026'},
          {"bull", U'\u2022'},   {"trade", U'\u2122'}, {"euro", U'\u20AC'},
          {"OElig", U'\u0152'},  {"oelig", U'\u0153'}, {"Scaron", U'\u0160'},
          {"scaron", U'\u0161'}, {"Yuml", U'\u0178'},  {"larr", U'\u2190'},
          {"rarr", U'\u2192'}};
}

bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c)
{
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

struct reference
{
  char32_t character = 0;
  std::size_t length = 0; // of its text; 0: it is no reference
};

// `text` begins with "&#".
reference numbered(std::string_view text)
{
  const bool is_hex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  const char* const first = text.data() + (is_hex ? 3 : 2);
  const char* const end = text.data() + text.size();
  unsigned long number = 0;
  const auto [last, error] =
      std::from_chars(first, end, number, is_hex ? 16 : 10);
  if (last == first || error == std::errc::invalid_argument)
    return {};
  auto length = static_cast<std::size_t>(last - text.data());
  if (length < text.size() && text[length] == ';')
    ++length;
  const bool is_character = error == std::errc{} && number != 0 &&
                            number <= 0x10FFFF &&
                            (number < 0xD800 || number > 0xDFFF);
  if (!is_character)
    return {U'\uFFFD', length};
  // Authors mean Windows-1252 by the control characters, and browsers know it.
  return {number < 0x100
              ? windows_1252_character(static_cast<unsigned char>(number))
              : static_cast<char32_t>(number),
          length};
}

// `text` begins with "&".
reference named(std::string_view text)
{
  static const names old_names = make_old_names();
  static const names new_names = make_new_names();
  constexpr std::size_t longest = 8;
  std::size_t end = 1;
  while (end < text.size() && end <= longest && is_alphanumeric(text[end]))
    ++end;
  const std::string_view name = text.substr(1, end - 1);
  if (name.empty())
    return {};
  const char next = end < text.size() ? text[end] : '\0';
  const auto old_name = old_names.find(name);
  const auto new_name = new_names.find(name);
  if (old_name != old_names.end() && next == ';')
    return {old_name->second, end + 1};
  if (new_name != new_names.end() && next == ';')
    return {new_name->second, end + 1};
  if (old_name != old_names.end() && next != '=' && !is_alphanumeric(next))
    return {old_name->second, end};
  return {};
}

} // namespace

std::string with_entities_decoded(std::string_view value)
{
  std::string out;
  while (!value.empty())
  {
    const auto plain = std::min(value.find('&'), value.size());
    out += value.substr(0, plain);
    value.remove_prefix(plain);
    if (value.empty())
      break;
    const reference found =
        value.substr(1).starts_with('#') ? numbered(value) : named(value);
    if (found.length == 0)
      out += '&';
    else
      append_utf_8(out, found.character);
    value.remove_prefix(found.length == 0 ? 1 : found.length);
  }
  return out;
}

} // namespace spider
