#include "http/v1/request_rules.hpp"

#include <charconv>
#include <string_view>
#include <vector>

#include "http/exchange/request_target.hpp"
#include "http/message/token.hpp"

namespace saker::http::v1 {
namespace {

request_fault check_host(http::request_head& head, const head_facts& facts) {
  const auto count = head.fields.count("Host");
  if (count > 1) return {400, "Multiple Host headers."};
  if (count == 0 && facts.minor_version >= 1) return {400, "Request is missing Host header."};
  head.host = head.fields.get("Host");
  if (!http::is_valid_host(head.host)) {
    return {400, "Invalid Host header: '" + std::string(head.host) + "'"};
  }
  return {};
}

request_fault check_codings(const std::vector<std::string_view>& codings) {
  if (codings.empty() || !equals_ignoring_case(codings.back(), "chunked")) {
    const auto last = codings.empty() ? std::string() : std::string(codings.back());
    return {400,
            "The message body length cannot be determined because the final transfer coding was "
            "set to '" +
                last + "' instead of 'chunked'."};
  }
  if (codings.size() == 1) return {};
  // What comes before the last is understood only by servers that know other codings.
  for (std::size_t i = 0; i + 1 < codings.size(); ++i) {
    const auto name = http::trimmed(codings[i].substr(0, codings[i].find(';')));
    if (!http::is_token(name)) return {400, "A transfer coding is malformed."};
    if (equals_ignoring_case(name, "chunked")) return {400, "A body that is chunked twice."};
  }
  return {501, "The transfer coding '" + std::string(codings.front()) + "' is not known."};
}

request_fault check_transfer_encoding(const http::request_head& head, head_facts& facts) {
  if (!head.fields.contains("Transfer-Encoding")) return {};
  if (head.fields.contains("Content-Length")) {
    return {400, "Transfer-Encoding together with Content-Length."};
  }
  if (facts.minor_version < 1) return {400, "Transfer-Encoding in an HTTP/1.0 request."};
  auto fault = check_codings(head.fields.list("Transfer-Encoding"));
  facts.chunked = !fault;
  return fault;
}

request_fault check_length(http::request_head& head, head_facts& facts) {
  if (auto fault = check_transfer_encoding(head, facts)) return fault;
  const auto count = head.fields.count("Content-Length");
  if (count > 1) return {400, "Multiple Content-Length headers."};
  if (count == 1) {
    const auto text = head.fields.get("Content-Length");
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc() || end != text.data() + text.size() || length > INT64_MAX) {
      return {400, "Invalid content length: '" + std::string(text) + "'"};
    }
    head.content_length = length;
  } else if (facts.minor_version < 1 && (head.method == "POST" || head.method == "PUT")) {
    return {400, "A POST or PUT request of HTTP/1.0 needs a Content-Length."};
  }
  head.has_body = facts.chunked || head.content_length.value_or(0) > 0;
  return {};
}

request_fault set_path(http::request_head& head, std::string_view origin) {
  if (http::set_origin_path(head, origin)) return {};
  return {400, "The request target is malformed."};
}

/// The authority of the target counts, whatever Host says (RFC 9112, section 3.2.2); nobody later
/// sees another.
request_fault apply_absolute_target(http::request_head& head, std::string_view after_scheme) {
  const auto end = after_scheme.find_first_of("/?#");
  const auto authority = after_scheme.substr(0, end);
  if (authority.empty() || !http::is_valid_host(authority)) return {400, "Invalid request target."};
  head.host = authority;
  head.fields.refer("Host", authority);
  if (end == std::string_view::npos) {
    head.path = "/";
    head.decoded_path = "/";
    return {};
  }
  if (auto fault = set_path(head, after_scheme.substr(end))) return fault;
  if (head.decoded_path.empty()) head.decoded_path = "/";
  return {};
}

request_fault apply_target(http::request_head& head) {
  const auto target = head.target;
  if (head.method == "CONNECT") {
    if (!http::is_valid_host(target) || target.find(':') == std::string_view::npos ||
        target != head.host) {
      return {400, "Invalid request target."};
    }
    return {};
  }
  if (target.starts_with('/')) return set_path(head, target);
  if (target == "*") {
    if (head.method == "OPTIONS") return {};
    return {405, "The target '*' is for OPTIONS only."};
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() > scheme.size() &&
        equals_ignoring_case(target.substr(0, scheme.size()), scheme)) {
      return apply_absolute_target(head, target.substr(scheme.size()));
    }
  }
  return {400, "Invalid request target."};
}

void apply_connection_fields(http::request_head& head, head_facts& facts) {
  const bool close = head.fields.list_contains("Connection", "close");
  const bool keep = head.fields.list_contains("Connection", "keep-alive");
  facts.keep_alive = !close && (facts.minor_version >= 1 || keep);
  head.asks_for_upgrade = head.fields.list_contains("Connection", "Upgrade");
}

}  // namespace

request_fault apply_request_rules(http::request_head& head, head_facts& facts) {
  if (auto fault = check_host(head, facts)) return fault;
  if (auto fault = check_length(head, facts)) return fault;
  if (auto fault = apply_target(head)) return fault;
  apply_connection_fields(head, facts);
  if (const auto expect = head.fields.find("Expect"); expect && facts.minor_version >= 1) {
    if (!equals_ignoring_case(*expect, "100-continue")) return {417, "Unknown expectation."};
    head.expects_continue = head.has_body;
  }
  return {};
}

}  // namespace saker::http::v1
