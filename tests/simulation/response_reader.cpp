#include "response_reader.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <saker/http/message/headers.hpp>

#include "bodies.hpp"

namespace saker::simulation {

bool response_reader::read(std::string_view& data) {
  while (state_ != state::done && fault_.empty() && step(data)) continue;
  return state_ == state::done;
}

bool response_reader::line(std::string_view& data, std::string& into) {
  const auto end = data.find('\n');
  buffer_.append(data.substr(0, end == std::string_view::npos ? end : end + 1));
  data.remove_prefix(end == std::string_view::npos ? data.size() : end + 1);
  if (end == std::string_view::npos) return false;
  into = std::exchange(buffer_, {});
  while (!into.empty() && (into.back() == '\n' || into.back() == '\r')) into.pop_back();
  return true;
}

bool response_reader::step(std::string_view& data) {
  std::string text;
  switch (state_) {
    case state::head:
      if (!line(data, text)) return false;
      head_ += text + '\n';
      if (text.empty()) take_head();
      return true;
    case state::fixed:
    case state::chunk: {
      const auto count = std::min(left_, data.size());
      body_.append(data.substr(0, count));
      data.remove_prefix(count);
      left_ -= count;
      if (left_ != 0) return false;
      state_ = state_ == state::fixed ? state::done : state::chunk_end;
      return true;
    }
    case state::chunk_line:
      if (!line(data, text)) return false;
      left_ = std::strtoul(text.c_str(), nullptr, 16);
      state_ = left_ == 0 ? state::trailers : state::chunk;
      return true;
    case state::chunk_end:
      if (!line(data, text)) return false;
      if (!text.empty()) fault_ = "a chunk is followed by '" + text + "'";
      state_ = state::chunk_line;
      return true;
    case state::trailers:
      if (!line(data, text)) return false;
      if (text.empty()) state_ = state::done;
      return true;
    case state::until_end:
      body_.append(data);
      data = {};
      return false;
    case state::done: break;
  }
  return false;
}

std::string response_reader::field(std::string_view name) const {
  std::size_t at = 0;
  while (at < head_.size()) {
    const auto end = head_.find('\n', at);
    const auto text = std::string_view(head_).substr(at, end - at);
    at = end + 1;
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) continue;
    if (!equals_ignoring_case(text.substr(0, colon), name)) continue;
    auto value = text.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    return std::string(value);
  }
  return {};
}

bool response_reader::closes() const noexcept {
  return equals_ignoring_case(field("Connection"), "close");
}

void response_reader::take_head() {
  if (!head_.starts_with("HTTP/1.") || head_.size() < 12) {
    fault_ = "no status line but '" + head_.substr(0, 40) + "'";
    return;
  }
  status_ = static_cast<int>(to_number(std::string_view(head_).substr(9, 3)));
  if (status_ == 100) {
    head_.clear();
  } else if (status_ == 101 || status_ == 204 || status_ == 304) {
    state_ = state::done;
  } else if (equals_ignoring_case(field("Transfer-Encoding"), "chunked")) {
    state_ = state::chunk_line;
  } else if (const auto length = field("Content-Length"); !length.empty()) {
    left_ = to_number(length);
    state_ = left_ == 0 ? state::done : state::fixed;
  } else {
    state_ = state::until_end;
  }
}

bool response_reader::end() {
  if (state_ == state::until_end) state_ = state::done;
  return state_ == state::done;
}

void response_reader::next() { *this = response_reader(); }

}  // namespace saker::simulation
