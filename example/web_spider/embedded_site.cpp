// SPDX-License-Identifier: BSL-1.0

#include "embedded_site.hpp"

#include <charconv>
#include <map>
#include <optional>

namespace spider {

namespace {

constexpr int sections = 12;
constexpr int pages_in_section = 24;

std::string two_digits(int number)
{
  std::string digits(number < 10 ? "0" : "");
  return digits += std::to_string(number);
}

std::string link(std::string_view href, std::string_view text)
{
  return "<li><a href=\"" + std::string(href) + "\">" + std::string(text) +
         "</a>\n";
}

// Real HTML leaves out what may be left out: so does this.
std::string document(std::string_view title, std::string_view body)
{
  return "<!DOCTYPE html>\n<title>" + std::string(title) +
         "</title>\n"
         "<link rel=stylesheet href=/style.css>\n<h1>" +
         std::string(title) + "</h1>\n" + std::string(body);
}

site_answer page(std::string_view title, std::string_view body)
{
  site_answer answer;
  answer.body = document(title, body);
  return answer;
}

site_answer file(std::string type, std::string body)
{
  site_answer answer;
  answer.type = std::move(type);
  answer.body = std::move(body);
  return answer;
}

site_answer failure(unsigned status)
{
  site_answer answer = page("Error " + std::to_string(status), "<p>Sorry.");
  answer.status = status;
  return answer;
}

site_answer redirect(unsigned status, std::string location)
{
  site_answer answer = page("Moved", "<p>It is elsewhere.");
  answer.status = status;
  answer.location = std::move(location);
  return answer;
}

site_answer misbehaving(behaviour how)
{
  site_answer answer = page("Trouble", "<p>You will not read all of this.");
  answer.how = how;
  return answer;
}

// A download: its status is all that counts.
site_answer archive()
{
  site_answer answer = file("application/octet-stream", "");
  answer.how = behaviour::endless;
  return answer;
}

// Elements in elements, with a link at the bottom.
site_answer deep_page()
{
  constexpr std::size_t depth = 200'000;
  std::string body;
  for (std::size_t i = 0; i != depth; ++i)
    body += "<div>";
  return page("Deep", body + link("/bottom.html", "The bottom"));
}

site_answer home()
{
  std::string body = "<ul>\n";
  for (int s = 0; s != sections; ++s)
    body += link("section/" + two_digits(s) + "/", "Section");
  body += link("/trouble", "Trouble") + link("#top", "This page") +
          link("https://127.0.0.1/", "The same host, over TLS") +
          link("http://elsewhere.invalid/", "Another host") +
          link("mailto:spider@elsewhere.invalid", "Mail") +
          link("/archive.bin", "A large file") + link("/deep", "Deep") +
          "<img src=images/logo.png><script src=app.js></script>";
  return page("A small site", body);
}

site_answer section_index(int section)
{
  std::string body = "<p><a href=../../>Home</a><ul>\n";
  for (int p = 0; p != pages_in_section; ++p)
    body += link("page-" + two_digits(p) + ".html", "Page");
  return page("Section " + two_digits(section), body);
}

// Some pages have links of a particular kind.
std::string special_links(int section, int number)
{
  switch (number)
  {
  case 7:
    return link("missing.html", "A broken link");
  case 9:
    return link("/moved/" + two_digits(section), "A redirect");
  case 11:
    return link("page-11.html?view=print&amp;lang=en", "To print");
  case 13:
    return link("./p%61ge-14.html#notes", "Page 14 in other words");
  case 14:
    return "<li id=notes>" + link("#notes", "Notes");
  case 15:
    return link("caf\xC3\xA9 noir.html", "Umlauts and spaces");
  default:
    return "";
  }
}

behaviour behaviour_of_page(int number)
{
  if (number % 8 == 3)
    return behaviour::chunked;
  if (number % 8 == 6)
    return behaviour::close;
  return behaviour::answer;
}

site_answer section_page(int section, int number)
{
  const int next = (number + 1) % pages_in_section;
  std::string body = "<p><a href=../../>Home</a> <a href=./>Section</a>\n<ul>" +
                     link("page-" + two_digits(next) + ".html", "Next") +
                     special_links(section, number) + "</ul>\n";
  if (number == 17) // from here on, links are relative to /section/
    body = "<base href=/section/>" +
           link(two_digits(section) + "/page-18.html", "Next");
  for (int paragraph = 0; paragraph != 8 + number; ++paragraph)
    body += "<p>Spiders are eight-legged, and this text is long enough.\n";
  site_answer answer = page("Page " + two_digits(number), body);
  answer.how = behaviour_of_page(number);
  if (number == 5)
    answer.delay = std::chrono::milliseconds(40);
  return answer;
}

using answers = std::map<std::string, site_answer, std::less<>>;

std::string list_of_links(const answers& linked)
{
  std::string list = "<ul>\n";
  for (const auto& [target, answer] : linked)
    list += link(target, target);
  return list;
}

// All that goes wrong, by the target that /trouble links to.
answers make_troubles()
{
  return {
      {"/error/410", failure(410)},
      {"/error/500", failure(500)},
      {"/error/503", failure(503)},
      {"/hang/1", misbehaving(behaviour::hang)},
      {"/hang/2", misbehaving(behaviour::hang)},
      {"/hang/3", misbehaving(behaviour::hang)},
      {"/drop", misbehaving(behaviour::drop)},
      {"/banner", misbehaving(behaviour::banner)},
      {"/cut-short", misbehaving(behaviour::cut_short)},
      {"/endless", misbehaving(behaviour::endless)},
      {"/chain/1", redirect(302, "/chain/2")},
      {"/loop/1", redirect(302, "2")},
      {"/self", redirect(307, "/self")},
      {"/for-ever/1", redirect(302, "2")},
      {"/to-nowhere", redirect(301, "/nowhere")},
      {"/away", redirect(301, "http://elsewhere.invalid/")},
      {"/no-location", redirect(301, "")},
      {"/section/00/page-14.html#nowhere", failure(404)}, // no such anchor
      {"http://127.0.0.1:99999/", failure(404)}, // no such port: malformed
  };
}

// What is neither in a section nor linked to from /trouble.
answers make_others()
{
  return {
      {"/", home()},
      {"/trouble", page("Trouble", list_of_links(make_troubles()))},
      {"/style.css", file("text/css", "h1 { color: teal }\n")},
      {"/archive.bin", archive()},
      {"/deep", deep_page()},
      {"/bottom.html", page("The bottom", "<p>As deep as it gets.")},
      {"/app.js", file("text/javascript", "\"use strict\";\n")},
      {"/images/logo.png", file("image/png", "\x89PNG (in spirit)")},
      {"/chain/2", redirect(308, "/chain/3")},
      {"/chain/3", redirect(303, "/section/00/")},
      {"/loop/2", redirect(302, "/loop/1")},
  };
}

// The number that `text` consists of between `before` and `after`.
std::optional<int> number_between(std::string_view text,
                                  std::string_view before,
                                  std::string_view after)
{
  if (text.size() <= before.size() + after.size() ||
      !text.starts_with(before) || !text.ends_with(after))
    return std::nullopt;
  text.remove_prefix(before.size());
  text.remove_suffix(after.size());
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || last != end || number < 0)
    return std::nullopt;
  return number;
}

// What follows "/section/NN/", without its query.
site_answer in_section(int section, std::string_view rest)
{
  if (rest.empty())
    return section_index(section);
  if (rest == "caf%C3%A9%20noir.html")
    return page("Caf\xC3\xA9 noir", "<p>Not empty.");
  const auto number =
      number_between(rest.substr(0, rest.find('?')), "page-", ".html");
  if (number && *number < pages_in_section)
    return section_page(section, *number);
  return failure(404);
}

site_answer of_a_family(std::string_view target)
{
  if (const auto n = number_between(target, "/for-ever/", ""))
    return redirect(302, std::to_string(*n + 1));
  if (const auto n = number_between(target, "/moved/", ""))
    return redirect(301, "/section/" + two_digits(*n) + "/");
  constexpr std::size_t prefix = std::string_view("/section/NN/").size();
  const auto section =
      number_between(target.substr(0, prefix), "/section/", "/");
  if (section && *section < sections && target.size() >= prefix)
    return in_section(*section, target.substr(prefix));
  return failure(404);
}

} // namespace

site_answer embedded_answer(std::string_view target)
{
  static const answers troubles = make_troubles();
  static const answers others = make_others();
  for (const answers* known : {&troubles, &others})
    if (const auto found = known->find(target); found != known->end())
      return found->second;
  return of_a_family(target);
}

} // namespace spider
