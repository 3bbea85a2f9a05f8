// SPDX-License-Identifier: BSL-1.0

#include "html_links.hpp"

#include <cstddef>
#include <memory_resource>

#include <gumbo.h>

namespace spider {

namespace {

struct linking_attribute
{
  GumboTag tag;
  const char* name;
};

constexpr linking_attribute linking_attributes[] = {
    {GUMBO_TAG_A, "href"},       {GUMBO_TAG_AREA, "href"},
    {GUMBO_TAG_LINK, "href"},    {GUMBO_TAG_IMG, "src"},
    {GUMBO_TAG_SCRIPT, "src"},   {GUMBO_TAG_IFRAME, "src"},
    {GUMBO_TAG_FRAME, "src"},    {GUMBO_TAG_EMBED, "src"},
    {GUMBO_TAG_AUDIO, "src"},    {GUMBO_TAG_VIDEO, "src"},
    {GUMBO_TAG_VIDEO, "poster"}, {GUMBO_TAG_SOURCE, "src"},
    {GUMBO_TAG_TRACK, "src"},    {GUMBO_TAG_INPUT, "src"},
    {GUMBO_TAG_OBJECT, "data"},
};

const char* attribute(const GumboElement& element, const char* name)
{
  const auto* found = gumbo_get_attribute(&element.attributes, name);
  return found ? found->value : nullptr;
}

// Such a <link> names a host to get ready for, and no resource.
bool is_hint(const GumboElement& element)
{
  const char* rel = attribute(element, "rel");
  const std::string_view text = rel ? rel : "";
  return element.tag == GUMBO_TAG_LINK &&
         (text == "preconnect" || text == "dns-prefetch");
}

void collect(const GumboElement& element, html_links& found)
{
  if (element.tag == GUMBO_TAG_BASE && !found.base)
    if (const char* href = attribute(element, "href"))
      found.base = href;
  if (is_hint(element))
    return;
  for (const auto& [tag, name] : linking_attributes)
    if (tag == element.tag)
      if (const char* value = attribute(element, name))
        found.links.emplace_back(value);
}

const GumboVector* children_of(const GumboNode& node)
{
  if (node.type == GUMBO_NODE_ELEMENT || node.type == GUMBO_NODE_TEMPLATE)
    return &node.v.element.children;
  return nullptr;
}

// Why not recursion: the document decides how deep the tree is.
void walk(const GumboNode& root, html_links& found)
{
  std::vector<const GumboNode*> to_visit{&root};
  while (!to_visit.empty())
  {
    const GumboNode* node = to_visit.back();
    to_visit.pop_back();
    const GumboVector* children = children_of(*node);
    if (!children)
      continue;
    collect(node->v.element, found);
    for (unsigned int i = children->length; i != 0; --i)
      to_visit.push_back(static_cast<const GumboNode*>(children->data[i - 1]));
  }
}

void* allocate(void* arena, std::size_t size)
{
  return static_cast<std::pmr::memory_resource*>(arena)->allocate(size);
}

void deallocate(void*, void*)
{
}

} // namespace

html_links find_links(std::string_view html)
{
  // Why not gumbo_destroy_output: it recurses over the tree. An arena frees
  // a tree of any depth, and faster.
  std::pmr::monotonic_buffer_resource arena(html.size() * 4 + 1024);
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = allocate;
  options.deallocator = deallocate;
  options.userdata = &arena;
  options.max_errors = 0;
  const GumboOutput* output =
      gumbo_parse_with_options(&options, html.data(), html.size());
  html_links found;
  walk(*output->root, found);
  return found;
}

} // namespace spider
