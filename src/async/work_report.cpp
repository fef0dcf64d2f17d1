#include "async/work_report.hpp"

#include <algorithm>

namespace saker::async {

void work_report::counted::add_name(std::string name, std::size_t times) {
  if (name.size() > longest_name) name = name.substr(0, longest_name) + "...";
  for (auto& [known, known_times] : names) {
    if (known != name) continue;
    known_times += times;
    return;
  }
  names.emplace_back(std::move(name), times);
}

work_report::counted& work_report::count(const work_kind& kind, std::size_t times) {
  auto found = std::find_if(kinds_.begin(), kinds_.end(),
                            [&](const counted& each) { return each.kind == &kind; });
  if (found == kinds_.end()) found = kinds_.insert(kinds_.end(), {&kind});
  found->count += times;
  return *found;
}

void work_report::add(const work_report& other) {
  for (const auto& each : other.kinds_) {
    auto& of = count(*each.kind, each.count);
    for (const auto& [name, times] : each.names) {
      if (of.names.size() < most_names) of.add_name(name, times);
    }
  }
}

bool work_report::holds_stop() const noexcept {
  return std::any_of(kinds_.begin(), kinds_.end(),
                     [](const counted& each) { return each.kind->holds_stop; });
}

std::string work_report::text() const {
  std::string text;
  for (const auto& each : kinds_) {
    if (!text.empty()) text += ", ";
    text += std::to_string(each.count) + ' ';
    text += each.count == 1 ? each.kind->one : each.kind->many;
    std::size_t told = 0;
    std::string names;
    for (const auto& [name, times] : each.names) {
      if (told != 0) names += ", ";
      if (times > 1) names += std::to_string(times) + " x ";
      names += name;
      told += times;
    }
    if (!names.empty()) text += " (" + names + (told < each.count ? ", ...)" : ")");
  }
  return text;
}

}  // namespace saker::async
