#include "http/features/forwarded_fields.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "http/message/token.hpp"
#include "io/ip_networks.hpp"

namespace saker::http {
namespace {

/// All fields of that name as one list.
std::string joined(const headers& fields, std::string_view name) {
  std::string all;
  for (const auto& each : fields) {
    if (!equals_ignoring_case(each.name, name)) continue;
    if (!all.empty()) all += ',';
    all += each.value;
  }
  return all;
}

/// The entries of a list, the last one first.
std::vector<std::string> reversed_list(const headers& fields, std::string_view name) {
  std::vector<std::string> entries;
  const auto all = joined(fields, name);
  std::string_view rest = all;
  while (!rest.empty()) {
    const auto comma = rest.rfind(',');
    const auto begin = comma == std::string_view::npos ? 0 : comma + 1;
    entries.emplace_back(trimmed(rest.substr(begin)));
    rest = rest.substr(0, begin == 0 ? 0 : comma);
  }
  return entries;
}

/// Where the last element begins: behind the last comma that is not within quotes.
std::size_t last_element(std::string_view text) noexcept {
  bool quoted = false;
  for (auto at = text.size(); at > 0; --at) {
    if (text[at - 1] == '"') quoted = !quoted;
    if (text[at - 1] == ',' && !quoted) return at;
  }
  return 0;
}

/// Reads an element of RFC 7239.
class forwarded_reader {
 public:
  explicit forwarded_reader(std::string_view text) noexcept : rest_(text) {}

  bool take(char wanted) noexcept {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_blanks() noexcept {
    while (take(' ') || take('\t')) {
    }
  }
  std::string_view token() noexcept {
    std::size_t size = 0;
    while (size < rest_.size() && is_token_character(rest_[size])) ++size;
    return std::exchange(rest_, rest_.substr(size)).substr(0, size);
  }
  /// A token or a quoted string.
  std::optional<std::string> value() {
    if (!take('"')) {
      const auto plain = token();
      if (plain.empty()) return std::nullopt;
      return std::string(plain);
    }
    std::string text;
    while (!rest_.empty() && rest_.front() != '"') {
      if (take('\\') && rest_.empty()) return std::nullopt;
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    if (!take('"')) return std::nullopt;
    return text;
  }
  std::optional<forwarded_entry> element() {
    forwarded_entry entry;
    for (;;) {
      skip_blanks();
      if (const auto name = token(); !name.empty()) {
        if (!take('=')) return std::nullopt;
        auto text = value();
        if (!text) return std::nullopt;
        if (!store(entry, name, *std::move(text))) return std::nullopt;
      }
      skip_blanks();
      if (take(';')) continue;
      if (rest_.empty()) return entry;
      return std::nullopt;
    }
  }

 private:
  /// A name must not come twice.
  static bool store(forwarded_entry& entry, std::string_view name, std::string text) {
    std::string* target = nullptr;
    if (equals_ignoring_case(name, "for")) target = &entry.client;
    if (equals_ignoring_case(name, "proto")) target = &entry.scheme;
    if (equals_ignoring_case(name, "host")) target = &entry.host;
    if (!target) return true;
    if (!target->empty()) return false;
    *target = std::move(text);
    return true;
  }

  std::string_view rest_;
};

}  // namespace

std::vector<forwarded_entry> read_x_forwarded(const headers& fields) {
  auto clients = reversed_list(fields, "X-Forwarded-For");
  auto schemes = reversed_list(fields, "X-Forwarded-Proto");
  auto hosts = reversed_list(fields, "X-Forwarded-Host");
  std::vector<forwarded_entry> entries(std::max({clients.size(), schemes.size(), hosts.size()}));
  for (std::size_t i = 0; i < clients.size(); ++i) entries[i].client = std::move(clients[i]);
  for (std::size_t i = 0; i < schemes.size(); ++i) entries[i].scheme = std::move(schemes[i]);
  for (std::size_t i = 0; i < hosts.size(); ++i) entries[i].host = std::move(hosts[i]);
  return entries;
}

bool is_x_forwarded_symmetric(const headers& fields) {
  std::optional<std::size_t> count;
  for (const auto* const name : {"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"}) {
    const auto size = reversed_list(fields, name).size();
    if (size == 0) continue;
    if (count.value_or(size) != size) return false;
    count = size;
  }
  return true;
}

std::vector<forwarded_entry> read_forwarded(const headers& fields) {
  const auto all = joined(fields, "Forwarded");
  std::vector<forwarded_entry> entries;
  // From the end: what the client has put in front must not hide what proxies have added.
  for (std::string_view rest = all; !rest.empty();) {
    const auto begin = last_element(rest);
    auto entry = forwarded_reader(rest.substr(begin)).element();
    if (!entry) break;
    entries.push_back(*std::move(entry));
    rest = rest.substr(0, begin == 0 ? 0 : begin - 1);
  }
  return entries;
}

std::string to_endpoint(std::string_view node) {
  const auto address = io::address_of(node);
  if (!io::is_ip_address(address)) return {};
  const bool v6 = address.find(':') != std::string_view::npos;
  std::string host(address);
  if (v6) host = "[" + host + "]";
  // What stands behind the address, or behind its bracket.
  auto rest = node.substr(node.starts_with('[') ? address.size() + 2 : address.size());
  if (v6 && !node.starts_with('[') && !rest.empty()) return {};
  if (rest.empty()) return host + ":0";
  if (rest.front() != ':') return {};
  rest.remove_prefix(1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), port);
  if (error != std::errc() || end != rest.data() + rest.size()) return {};
  return host + ":" + std::to_string(port);
}

}  // namespace saker::http
