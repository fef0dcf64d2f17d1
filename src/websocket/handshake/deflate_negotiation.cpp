#include "websocket/handshake/deflate_negotiation.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "http/message/token.hpp"

namespace saker::websockets {
namespace {

constexpr int least_window_bits = 9;
constexpr int most_window_bits = 15;

/// Cuts what precedes the first separator off the front.
std::string_view cut(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto piece = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return http::trimmed(piece);
}

/// A number of window bits, plain or in quotes (RFC 7692, section 7.1.2). Nothing: not one that
/// zlib can do.
std::optional<std::uint8_t> parse_window_bits(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  int bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || text.front() == '0' || bits < least_window_bits || bits > most_window_bits) {
    return std::nullopt;
  }
  return static_cast<std::uint8_t>(bits);
}

struct parameter {
  std::string_view name;
  std::optional<std::string_view> value;
};

parameter parse_parameter(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return {text, std::nullopt};
  return {http::trimmed(text.substr(0, equals)), http::trimmed(text.substr(equals + 1))};
}

/// The reading of one offer: which parameters have come, and what they make of the agreement.
class offer_reader {
 public:
  explicit offer_reader(const deflate_parameters& wanted) { agreed_.parameters = wanted; }

  bool take(const parameter& each) {
    if (has(each.name)) return false;
    names_.push_back(each.name);
    if (each.name == "client_no_context_takeover") return take_client_takeover(each);
    if (each.name == "server_no_context_takeover") return take_server_takeover(each);
    if (each.name == "client_max_window_bits") return take_client_bits(each);
    if (each.name == "server_max_window_bits") return take_server_bits(each);
    return false;
  }

  deflate_agreement finish() && {
    auto& [parameters, response] = agreed_;
    response = "permessage-deflate" + client_answer_;
    if (!parameters.server_context_takeover) response += "; server_no_context_takeover";
    if (has("server_max_window_bits") || parameters.server_max_window_bits != most_window_bits) {
      response += "; server_max_window_bits=" + std::to_string(parameters.server_max_window_bits);
    }
    return std::move(agreed_);
  }

 private:
  bool has(std::string_view name) const noexcept {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }

  bool take_client_takeover(const parameter& each) {
    if (each.value) return false;
    agreed_.parameters.client_context_takeover = false;
    client_answer_ += "; client_no_context_takeover";
    return true;
  }

  bool take_server_takeover(const parameter& each) {
    if (each.value) return false;
    agreed_.parameters.server_context_takeover = false;
    return true;
  }

  bool take_client_bits(const parameter& each) {
    const auto bits = each.value ? parse_window_bits(*each.value) : most_window_bits;
    if (!bits) return false;
    agreed_.parameters.client_max_window_bits = *bits;
    client_answer_ += "; client_max_window_bits=" + std::to_string(*bits);
    return true;
  }

  bool take_server_bits(const parameter& each) {
    // Only the client's may come without a number (sections 7.1.2.1 and 7.1.2.2).
    const auto bits = each.value ? parse_window_bits(*each.value) : std::nullopt;
    if (!bits) return false;
    auto& ours = agreed_.parameters.server_max_window_bits;
    ours = std::min(ours, *bits);
    return true;
  }

  deflate_agreement agreed_;
  std::string client_answer_;
  std::vector<std::string_view> names_;  ///< Of the parameters that have come.
};

}  // namespace

std::optional<deflate_agreement> answer_deflate_offer(std::string_view offer,
                                                      const deflate_parameters& wanted) {
  bool more = offer.find(';') != std::string_view::npos;
  if (cut(offer, ';') != "permessage-deflate") return std::nullopt;
  offer_reader reader(wanted);
  while (more) {
    more = offer.find(';') != std::string_view::npos;
    if (!reader.take(parse_parameter(cut(offer, ';')))) return std::nullopt;
  }
  return std::move(reader).finish();
}

std::optional<deflate_agreement> negotiate_deflate(const headers& fields,
                                                   const deflate_parameters& wanted) {
  for (const auto offer : fields.list("Sec-WebSocket-Extensions")) {
    if (auto agreed = answer_deflate_offer(offer, wanted)) return agreed;
  }
  return std::nullopt;
}

}  // namespace saker::websockets
