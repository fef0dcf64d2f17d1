#include "http/v2/head_builder.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "http/exchange/request_target.hpp"

namespace saker::http::v2 {
namespace {

/// What RFC 9113, section 6.5.2, counts for each field besides its text.
constexpr std::size_t field_overhead = 32;
constexpr std::string_view cookie_separator = "; ";

headers::position append_field(std::string& storage, std::string_view name,
                               std::string_view value) {
  const auto begin = storage.size();
  storage.append(name).append(value);
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(name.size()),
          static_cast<std::uint32_t>(begin + name.size()),
          static_cast<std::uint32_t>(value.size())};
}

}  // namespace

void head_builder::clear() noexcept {
  storage_.clear();
  fields_.clear();
  cookies_.clear();
  pseudo_ = {};
  counted_ = {};
  too_large_ = other_host_ = false;
  head_ = {};
}

head_builder::pseudo* head_builder::pseudo_named(std::string_view name) noexcept {
  if (name == ":method") return &pseudo_[method];
  if (name == ":scheme") return &pseudo_[scheme];
  if (name == ":path") return &pseudo_[path];
  if (name == ":protocol") return &pseudo_[protocol];
  return nullptr;
}

head_builder::verdict head_builder::add(std::string_view name, std::string_view value) {
  if (name.size() + value.size() > limits_.http2.max_request_header_field_size) {
    return verdict::excessive;
  }
  count(name, value);
  if (counted_.bytes > 2 * limits_.max_request_headers_total_size ||
      counted_.count > 2 * limits_.max_request_header_count) {
    return verdict::excessive;
  }
  if (counted_.bytes > limits_.max_request_headers_total_size ||
      counted_.count > limits_.max_request_header_count) {
    too_large_ = true;
    return verdict::too_large;
  }
  keep(name, value);
  return verdict::accepted;
}

/// The pieces of a cookie are one field.
void head_builder::count(std::string_view name, std::string_view value) {
  if (name == "cookie" && !cookies_.empty()) {
    counted_.bytes += cookie_separator.size() + value.size();
    return;
  }
  counted_.bytes += name.size() + value.size() + field_overhead;
  if (!name.starts_with(':')) ++counted_.count;
}

void head_builder::keep(std::string_view name, std::string_view value) {
  if (name == ":authority") {
    // It takes the place of a Host field (RFC 9113, section 8.3.1).
    pseudo_[authority] = {true, static_cast<std::uint32_t>(storage_.size() + 4),
                          static_cast<std::uint32_t>(value.size())};
    fields_.push_back(append_field(storage_, "Host", value));
  } else if (name == "host" && has(authority)) {
    if (!is_authority(value)) other_host_ = true;
  } else if (name == "cookie") {
    add_cookie(value);
  } else if (!name.starts_with(':')) {
    fields_.push_back(append_field(storage_, name, value));
  } else if (auto* const known = pseudo_named(name)) {
    *known = {true, static_cast<std::uint32_t>(storage_.size()),
              static_cast<std::uint32_t>(value.size())};
    storage_ += value;
  }
}

/// A client may send every cookie in a field of its own, to compress better; for everyone else they
/// are one (RFC 9113, section 8.2.3).
void head_builder::add_cookie(std::string_view value) {
  if (!cookies_.empty()) cookies_ += cookie_separator;
  cookies_ += value;
}

void head_builder::append_cookies() {
  if (!cookies_.empty()) fields_.push_back(append_field(storage_, "cookie", cookies_));
  cookies_.clear();
}

/// Compared as RFC 3986, section 6.2.3, asks for: without regard to case and to a default port.
bool head_builder::is_authority(std::string_view host) const {
  const std::string_view port = text(scheme) == "https" ? ":443" : ":80";
  const auto name_of = [&](std::string_view given) {
    if (given.ends_with(port)) given.remove_suffix(port.size());
    if (given.ends_with(':')) given.remove_suffix(1);
    return given;
  };
  return equals_ignoring_case(name_of(host), name_of(text(authority)));
}

/// The rules of RFC 9113, section 8.3.1, and RFC 8441, section 4, that nghttp2 leaves to the
/// server.
std::string_view head_builder::check(std::string_view allowed_scheme) const {
  if (other_host_) return "The Host field is not the authority.";
  const auto line =
      text(method).size() + text(scheme).size() + text(authority).size() + text(path).size();
  if (line > limits_.max_request_line_size) return "The request line is too long.";
  const bool connect = text(method) == "CONNECT";
  if (has(protocol) && !connect) {
    return "':protocol' is only allowed with the 'CONNECT' method.";
  }
  if (has(protocol) && (!has(scheme) || !has(path))) {
    return "'CONNECT' requests with ':protocol' require ':scheme' and ':path'.";
  }
  if (connect && !has(protocol)) {
    return has(scheme) || has(path)
               ? std::string_view("CONNECT requests must not send :scheme or :path headers.")
               : std::string_view();
  }
  const auto given = text(scheme);
  const bool fits =
      allowed_scheme.empty() ? given == "http" || given == "https" : given == allowed_scheme;
  if (!fits) return "The scheme is not that of the connection.";
  const auto target = text(path);
  if (!target.starts_with('/') && (target != "*" || text(method) != "OPTIONS")) {
    return "The path does not begin with '/'.";
  }
  return {};
}

std::string_view head_builder::finish(std::string_view allowed_scheme, bool end_of_stream) {
  if (const auto fault = check(allowed_scheme); !fault.empty()) return fault;
  append_cookies();
  const bool connect = text(method) == "CONNECT";
  head_.fields = exactly(storage_, fields_);
  const auto view = [this](pseudo_field which) { return text(head_.fields.storage(), which); };
  head_.protocol = "HTTP/2";
  head_.method = view(method);
  head_.connect_protocol = view(protocol);
  head_.host = head_.fields.get("Host");
  if (head_.fields.count("Host") > 1) return "Multiple Host headers.";
  if (!http::is_valid_host(head_.host)) return "The authority is invalid.";
  head_.target = connect && !has(protocol) ? head_.host : view(path);
  if (head_.target.starts_with('/') && !http::set_origin_path(head_, head_.target)) {
    return "The path is malformed.";
  }
  const auto length = head_.fields.get("Content-Length");
  std::uint64_t size = 0;
  if (!length.empty() &&
      std::from_chars(length.data(), length.data() + length.size(), size).ec == std::errc()) {
    head_.content_length = size;
  }
  head_.has_body = !end_of_stream && !has(protocol);
  head_.expects_continue =
      head_.has_body && equals_ignoring_case(head_.fields.get("Expect"), "100-continue");
  head_.asks_for_upgrade = has(protocol);
  return {};
}

/// A request may stay for long: its memory is just what it needs.
headers head_builder::exactly(const std::string& storage,
                              const std::vector<headers::position>& fields) {
  // But never so short that the string keeps it in itself: the views of a head must stay valid when
  // the head is moved.
  constexpr std::size_t beyond_the_string = 32;
  std::string copy;
  copy.reserve(std::max(storage.size(), beyond_the_string));
  copy += storage;
  return {std::move(copy), std::vector<headers::position>(fields)};
}

}  // namespace saker::http::v2
