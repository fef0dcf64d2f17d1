#include "http/exchange/problem_text.hpp"

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <utility>

#include "binding/json_text.hpp"
#include "http/message/accept.hpp"

namespace saker::http {
namespace {

void append_value(std::string& out, const problem_details::value& value) {
  std::visit(
      [&](const auto& held) {
        using type = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<type, std::string>) {
          binding::append_json_string(out, held);
        } else if constexpr (std::is_same_v<type, bool>) {
          out += held ? "true" : "false";
        } else {
          out += std::to_string(held);
        }
      },
      value);
}

/// Members by name; of two with one name the first is the member.
class object_text {
 public:
  void add(std::string_view name, const problem_details::value& value) {
    if (std::find(names_.begin(), names_.end(), name) != names_.end()) return;
    text_ += names_.empty() ? '{' : ',';
    names_.push_back(name);
    binding::append_json_string(text_, name);
    text_ += ':';
    append_value(text_, value);
  }
  void add_unless_empty(std::string_view name, const std::string& value) {
    if (!value.empty()) add(name, value);
  }
  std::string end() && { return std::move(text_ += '}'); }

 private:
  std::string text_;
  std::vector<std::string_view> names_;
};

}  // namespace

bool prefers_problem_json(const headers& request) {
  // Who asks for JSON has problems in mind, too (as ASP.NET Core has it).
  auto json = acceptance_of(request, "application/problem+json");
  if (json.named != acceptance::precision::exact) json = acceptance_of(request, "application/json");
  return json.quality > 0 && json.quality >= acceptance_of(request, "text/plain").quality;
}

std::string problem_json(const problem_details& problem, int status) {
  object_text text;
  text.add("type", problem.type);
  text.add_unless_empty("title", problem.title);
  text.add("status", std::int64_t{status});
  text.add_unless_empty("detail", problem.detail);
  text.add_unless_empty("instance", problem.instance);
  for (const auto& [name, value] : problem.extensions) text.add(name, value);
  return std::move(text).end();
}

std::string problem_text(const problem_details& problem, int status) {
  auto text = std::to_string(status) + ' ' + problem.title + '\n';
  if (!problem.detail.empty()) text += problem.detail + '\n';
  return text;
}

}  // namespace saker::http
