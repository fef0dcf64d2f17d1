#include <saker/http/message/url.hpp>

#include <algorithm>

namespace saker {

namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The octet of the escape that begins at the offset, or -1 when it is malformed.
int escape_at(std::string_view text, std::size_t offset) noexcept {
  if (text.size() - offset < 3) return -1;
  int high = hex_digit(text[offset + 1]);
  int low = hex_digit(text[offset + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::string decode(std::string_view text, bool plus_is_blank) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    int octet = text[i] == '%' ? escape_at(text, i) : -1;
    if (octet >= 0) {
      result.push_back(static_cast<char>(octet));
      i += 2;
    } else {
      result.push_back(plus_is_blank && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return result;
}

bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

void remove_last_segment(std::string& path) {
  auto slash = path.rfind('/');
  path.resize(slash == std::string::npos ? 0 : slash);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    auto end = std::min(query.find('&'), query.size());
    auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    auto equals = pair.find('=');
    auto value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    pairs.emplace_back(decode(pair.substr(0, equals), true), decode(value, true));
  }
  return pairs;
}

std::optional<std::string> decode_path(std::string_view path) {
  std::string result;
  result.reserve(path.size());
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      result.push_back(path[i]);
      continue;
    }
    int octet = escape_at(path, i);
    if (octet <= 0) return std::nullopt;
    if (octet == '/') {
      result.append(path.substr(i, 3));
    } else {
      result.push_back(static_cast<char>(octet));
    }
    i += 2;
  }
  return result;
}

std::string remove_dot_segments(std::string_view path) {
  if (path.find("/.") == std::string_view::npos && !path.starts_with('.')) return std::string(path);
  std::string result;
  result.reserve(path.size());
  bool is_first = true;
  while (!path.empty()) {
    bool rooted = path.front() == '/';
    auto end = std::min(path.find('/', rooted ? 1 : 0), path.size());
    auto segment = path.substr(rooted ? 1 : 0, end - (rooted ? 1 : 0));
    bool is_last = end == path.size();
    path.remove_prefix(end);
    if (segment == "." || segment == "..") {
      if (segment == "..") remove_last_segment(result);
      if (is_last && rooted) result.push_back('/');
      // A relative path stays relative: "../a" is "a".
      if (!rooted && is_first && !path.empty()) path.remove_prefix(1);
    } else {
      if (rooted) result.push_back('/');
      result.append(segment);
      is_first = false;
    }
  }
  return result;
}

std::string percent_encode(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string result;
  result.reserve(text.size());
  for (char c : text) {
    if (is_unreserved(c)) {
      result.push_back(c);
    } else {
      auto octet = static_cast<unsigned char>(c);
      result.append({'%', digits[octet >> 4], digits[octet & 15]});
    }
  }
  return result;
}

std::string percent_decode(std::string_view text) { return decode(text, false); }

}  // namespace saker
