#include "signalr/failure_log.hpp"

#include "core/log.hpp"

namespace saker::signalr {

std::string in_one_line(std::string_view text) {
  constexpr std::size_t longest = 1'000;
  constexpr char digits[] = "0123456789abcdef";
  std::string line;
  for (const unsigned char each : text.substr(0, longest)) {
    if (each >= 0x20 && each < 0x7f) {
      line += static_cast<char>(each);
    } else {
      line += "\\x";
      line += digits[each >> 4];
      line += digits[each & 15];
    }
  }
  if (text.size() > longest) line += "...";
  return line;
}

std::string failure_log::line(std::string_view what, std::string_view why, clock::time_point now) {
  constexpr std::chrono::seconds pause{1};
  const auto time = now.time_since_epoch().count();
  auto next = next_.load();
  if (time < next ||
      !next_.compare_exchange_strong(next, (now + pause).time_since_epoch().count())) {
    ++left_out_;
    return {};
  }
  auto made = in_one_line(what) + in_one_line(why);
  if (const auto others = left_out_.exchange(0)) {
    made += " (" + std::to_string(others) + " more since the last line.)";
  }
  return made;
}

void failure_log::write(std::string_view what, std::string_view why) {
  const auto made = line(what, why, clock::now());
  if (!made.empty()) core::log(core::log_level::error, made);
}

}  // namespace saker::signalr
