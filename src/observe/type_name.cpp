#include "observe/type_name.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <string_view>

namespace saker::observe {
namespace {

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

/// Behind the `>` that closes what begins there.
std::size_t end_of_arguments(std::string_view text, std::size_t at) {
  int depth = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '<') ++depth;
    if (text[at] == '>' && --depth == 0) return at + 1;
  }
  return text.size();
}

/// Takes out arguments like `, std::allocator<...>`.
void erase_argument(std::string& text, std::string_view name) {
  const auto what = ", std::" + std::string(name) + '<';
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.erase(at, end_of_arguments(text, at) - at);
  }
}

/// `std::__cxx11::list` is `std::list`, `nlohmann::json_abi_v3_11_2::...` is `nlohmann::...`.
void erase_inner_namespaces(std::string& text) {
  for (const std::string_view begin : {"std::__", "nlohmann::json_abi"}) {
    const auto outer = begin.find("::") + 2;
    for (auto at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
      const auto end = text.find("::", at + outer);
      if (end == std::string::npos) break;
      text.erase(at + outer, end + 2 - at - outer);
    }
  }
}

std::string readable_name(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> readable(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free);
  return readable ? readable.get() : type.name();
}

}  // namespace

std::string type_name(const std::type_info& type) {
  auto name = readable_name(type);
  erase_inner_namespaces(name);
  for (;;) {
    const auto at = name.find("nlohmann::basic_json<");
    if (at == std::string::npos) break;
    name.replace(at, end_of_arguments(name, at) - at, "saker::json");
  }
  for (const auto* each :
       {"allocator", "char_traits", "less", "hash", "equal_to", "default_delete"}) {
    erase_argument(name, each);
  }
  replace_all(name, " >", ">");
  replace_all(name, "std::basic_string<char>", "std::string");
  return name;
}

std::string dotted_type_name(const std::type_info& type) {
  auto name = readable_name(type);
  replace_all(name, "::", ".");
  return name;
}

}  // namespace saker::observe
