#include "io/proxy_header.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "io/sockets.hpp"

namespace saker::io {
namespace {

using namespace std::string_view_literals;
using state = proxy_header::state;
namespace ip = boost::asio::ip;

constexpr auto signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr auto text_begin = "PROXY "sv;
constexpr std::size_t largest_line = 107;

proxy_header malformed() { return {state::malformed}; }

bool begin_alike(std::string_view left, std::string_view right) noexcept {
  const auto size = std::min(left.size(), right.size());
  return left.substr(0, size) == right.substr(0, size);
}

std::string_view take_word(std::string_view& line) noexcept {
  const auto end = line.find(' ');
  const auto word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

bool is_port(std::string_view text, std::uint16_t& port) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() &&
         (text.size() == 1 || text.front() != '0');
}

/// "PROXY TCP4 203.0.113.7 198.51.100.1 56324 443\r\n".
proxy_header read_text(std::string_view data) {
  const auto end = data.substr(0, largest_line).find("\r\n");
  if (end == std::string_view::npos)
    return data.size() < largest_line ? proxy_header() : malformed();
  auto line = data.substr(text_begin.size(), end - text_begin.size());
  // A zone, in which anything may stand.
  if (line.find('%') != std::string_view::npos) return malformed();
  proxy_header made{state::complete, end + 2};
  const auto family = take_word(line);
  if (family == "UNKNOWN") return made;
  if (family != "TCP4" && family != "TCP6") return malformed();
  boost::system::error_code wrong_source;
  boost::system::error_code wrong_target;
  const auto source = ip::make_address(take_word(line), wrong_source);
  const auto target = ip::make_address(take_word(line), wrong_target);
  std::uint16_t source_port = 0;
  std::uint16_t target_port = 0;
  const bool fits = !wrong_source && !wrong_target && source.is_v4() == (family == "TCP4") &&
                    target.is_v4() == source.is_v4() && is_port(take_word(line), source_port) &&
                    is_port(line, target_port);
  if (!fits) return malformed();
  made.client = format_address(source.to_string(), source_port);
  return made;
}

std::uint16_t number_at(std::string_view data, std::size_t place) noexcept {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(data[place]) << 8 |
                                    static_cast<unsigned char>(data[place + 1]));
}

template <class Address>
std::string address_at(std::string_view data, std::size_t place) {
  typename Address::bytes_type bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(data[place + i]);
  }
  return Address(bytes).to_string();
}

/// The signature, version and command, family, the size of the rest; source, target, their ports.
proxy_header read_binary(std::string_view data) {
  constexpr std::size_t head = 16;
  constexpr std::size_t v4_size = 12;
  constexpr std::size_t v6_size = 36;
  if (data.size() < head) return {};
  const auto version_and_command = static_cast<unsigned char>(data[12]);
  const auto family = static_cast<unsigned char>(data[13]);
  const std::size_t rest = number_at(data, 14);
  const auto command = version_and_command & 15;
  if (version_and_command >> 4 != 2 || command > 1 || head + rest > largest_proxy_header) {
    return malformed();
  }
  if (data.size() < head + rest) return {};
  proxy_header made{state::complete, head + rest};
  if (command == 0) return made;
  if (family >> 4 == 1) {
    if (rest < v4_size) return malformed();
    made.client = format_address(address_at<ip::address_v4>(data, head), number_at(data, head + 8));
  } else if (family >> 4 == 2) {
    if (rest < v6_size) return malformed();
    made.client =
        format_address(address_at<ip::address_v6>(data, head), number_at(data, head + 32));
  }
  return made;
}

}  // namespace

proxy_header read_proxy_header(std::span<const std::byte> data) {
  const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
  if (begin_alike(text, signature)) {
    return text.size() < signature.size() ? proxy_header() : read_binary(text);
  }
  if (begin_alike(text, text_begin)) {
    return text.size() < text_begin.size() ? proxy_header() : read_text(text);
  }
  return malformed();
}

}  // namespace saker::io
