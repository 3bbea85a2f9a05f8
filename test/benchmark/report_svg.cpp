// SPDX-License-Identifier: BSL-1.0

#include <algorithm>
#include <ostream>
#include <sstream>
#include <utility>

#include "report.hpp"

namespace bench {

namespace {

// A group of bars: the rows of one variant, and what it is called there.
struct pictured
{
  const char* workload;
  const char* variant;
  const char* label;
};

constexpr pictured groups[] = {
    {"W1", "callback, io_context", "take a free lock: callback"},
    {"W1", "use_awaitable", "take a free lock: co_await"},
    {"W1", "eager", "take a free lock: eagerly"},
    {"W2", "callback, 32 users", "pass a lock on: callback"},
    {"W2", "use_awaitable, 32 users", "pass a lock on: co_await"},
    {"W3", "use_awaitable, room for 64, 1 x 1", "queue, put and get: co_await"},
    {"W4", "event, delivery of 100 000", "wake each of 100 000"},
    {"W5", "use_awaitable, 2 users, beside a reactor",
     "what an unexpired deadline adds"},
    {"W7", "one of 1 000", "cancel one of 1 000"},
};

constexpr std::pair<contender, const char*> colours[] = {
    {contender::strand_bound, "#1f6feb"},
    {contender::thread_safe, "#69a7f5"},
    {contender::channel, "#d0731b"},
    {contender::concurrent_channel, "#e8a55f"},
    {contender::timer, "#8b949e"},
    {contender::fiber, "#3a9d4e"},
};

constexpr int label_width = 225;
constexpr int scale_width = 460;
constexpr int width = label_width + scale_width + 70;
constexpr int bar_height = 12;
constexpr int bar_step = 15;
constexpr int group_gap = 16;
constexpr int top = 56;

// Longer bars are cut off and end in a point.
constexpr double longest = 20;

int length_of(double posts)
{
  return static_cast<int>(std::clamp(posts, 0.05, longest) / longest *
                          scale_width);
}

std::string figure(double posts)
{
  std::ostringstream text;
  text.precision(posts < 10 ? 2 : posts < 100 ? 1 : 0);
  text << std::fixed << posts;
  return text.str();
}

class picture
{
public:
  void draw_group(const pictured& group, const results& all)
  {
    const int first = y_;
    for (const auto& [who, colour] : colours)
      for (const result& r : all)
        if (r.what.who == who && r.what.what.workload == group.workload &&
            r.what.what.variant == group.variant)
          draw_bar(r, colour);
    if (y_ == first)
      return;
    text(label_width - 10, (first + y_ - bar_step + bar_height) / 2 + 4, "end",
         group.label);
    y_ += group_gap;
  }

  void write(std::ostream& out)
  {
    draw_scale();
    draw_legend();
    out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width
        << "\" height=\"" << y_ + 4 << "\" viewBox=\"0 0 " << width << ' '
        << y_ + 4
        << "\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\">\n"
        << "<title>Costs in multiples of one asio::post</title>\n"
        << behind_.str() << body_.str() << "</svg>\n";
  }

private:
  // A bar names its row, for compare_results.py.
  void draw_bar(const result& r, const char* colour)
  {
    const double posts = r.is.median;
    const int length = std::max(length_of(posts), 1);
    const int bottom = y_ + bar_height;
    body_ << "<path data-row=\"" << r.what.name() << "\" fill=\"" << colour
          << "\" d=\"M" << label_width << ' ' << y_ << 'h' << length;
    if (posts > longest)
      body_ << "l8 " << bar_height / 2 << 'L' << label_width + length << ' '
            << bottom;
    else
      body_ << 'V' << bottom;
    body_ << 'H' << label_width << "z\"/>\n";
    text(label_width + length + (posts > longest ? 12 : 5), bottom - 2, "start",
         figure(posts));
    y_ += bar_step;
  }

  void draw_scale()
  {
    for (int posts = 0; posts <= longest; posts += 5)
    {
      const int x =
          label_width + scale_width * posts / static_cast<int>(longest);
      behind_ << "<path stroke=\"" << grey << "\" stroke-opacity=\".35\" d=\"M"
              << x << ' ' << top - 6 << 'V' << y_ - group_gap + 6 << "\"/>\n";
      text(x, top - 10, "middle",
           std::to_string(posts) + (posts == 0 ? " posts" : ""));
    }
  }

  void draw_legend()
  {
    int x = 10;
    for (const auto& [who, colour] : colours)
    {
      const std::string name = name_of(who);
      body_ << "<rect x=\"" << x << "\" y=\"8\" width=\"12\" height=\"12\" "
            << "fill=\"" << colour << "\"/>\n";
      text(x + 17, 18, "start", name);
      x += 42 + 6 * static_cast<int>(name.size());
    }
  }

  void text(int x, int y, const char* anchor, const std::string& words)
  {
    body_ << "<text x=\"" << x << "\" y=\"" << y << "\" text-anchor=\""
          << anchor << "\" fill=\"" << grey << "\">" << words << "</text>\n";
  }

  // As dark against white as it is light against black.
  static constexpr const char* grey = "#7a7a7a";

  std::ostringstream behind_;
  std::ostringstream body_;
  int y_ = top;
};

} // namespace

void write_svg(std::ostream& out, const results& all)
{
  picture drawn;
  for (const pictured& group : groups)
    drawn.draw_group(group, all);
  drawn.write(out);
}

} // namespace bench
