#include "signalr/backplane/messages.hpp"

#include <limits>
#include <utility>

#include <saker/signalr/protocol/hub_protocol.hpp>
#include <saker/signalr/protocol/json.hpp>

#include "binding/messagepack_shape.hpp"

namespace saker::signalr::backplane {
namespace {

/// The place of the origin: behind the two items that only questions have.
constexpr std::size_t origin_place = 4;

std::string to_bytes(const json& value) {
  std::string bytes;
  json::to_msgpack(value, bytes);
  return bytes;
}

json binary(const std::string& bytes) { return json::binary({bytes.begin(), bytes.end()}); }

json read_array(std::string_view payload, std::size_t least, const char* what) {
  if (binding::messagepack_extent_of(payload, binding::most_nesting).bytes == 0) {
    throw protocol_error(std::string("The ") + what + " is no MessagePack.");
  }
  auto all = json::from_msgpack(payload.begin(), payload.end(), false, false);
  if (!all.is_array() || all.size() < least) {
    throw protocol_error(std::string("The ") + what + " has too few items.");
  }
  return all;
}

const std::string& string_of(const json& value) {
  if (!value.is_string()) throw protocol_error("A string is missing.");
  return value.get_ref<const std::string&>();
}

std::string optional_string_of(const json& all, std::size_t place) {
  if (place >= all.size() || all[place].is_null()) return {};
  return string_of(all[place]);
}

std::string bytes_of(const json& value) {
  if (!value.is_binary()) throw protocol_error("A message's bytes are missing.");
  const auto& bytes = value.get_binary();
  return {bytes.begin(), bytes.end()};
}

std::int32_t number_of(const json& value) {
  using limits = std::numeric_limits<std::int32_t>;
  if (value.is_number_unsigned() && value.get<std::uint64_t>() <= std::uint64_t{limits::max()}) {
    return value.get<std::int32_t>();
  }
  if (value.is_number_integer() && !value.is_number_unsigned() &&
      value.get<std::int64_t>() >= limits::min() && value.get<std::int64_t>() <= limits::max()) {
    return value.get<std::int32_t>();
  }
  throw protocol_error("A number of 32 bits is missing.");
}

}  // namespace

std::string write(const invocation& message) {
  json messages(json::object());
  for (const auto& [protocol, bytes] : message.messages) messages[protocol] = binary(bytes);
  json all(json::array());
  all.push_back(message.excluded);
  all.push_back(std::move(messages));
  if (!message.invocation_id.empty()) {
    all.push_back(message.invocation_id);
    all.push_back(message.return_channel);
  }
  if (!message.origin.empty()) {
    while (all.size() < origin_place) all.push_back(nullptr);
    all.push_back(message.origin);
  }
  return to_bytes(all);
}

std::string write(const group_command& command) {
  json all(json::array());
  all.push_back(command.id);
  all.push_back(command.server);
  all.push_back(static_cast<int>(command.action));
  all.push_back(command.group);
  all.push_back(command.connection_id);
  return to_bytes(all);
}

std::string write(const completion& answer) {
  json all(json::array());
  all.push_back(answer.protocol);
  all.push_back(binary(answer.message));
  return to_bytes(all);
}

std::string write_ack(std::int32_t id) {
  json all(json::array());
  all.push_back(id);
  return to_bytes(all);
}

invocation read_invocation(std::string_view payload) {
  const auto all = read_array(payload, 2, "invocation");
  if (!all[0].is_array() || !all[1].is_object()) {
    throw protocol_error("The invocation has no list of ids, or no messages.");
  }
  invocation message;
  for (const auto& each : all[0]) message.excluded.push_back(string_of(each));
  for (const auto& [protocol, bytes] : all[1].items()) {
    message.messages.emplace(protocol, bytes_of(bytes));
  }
  if (all.size() > 3) {
    message.invocation_id = optional_string_of(all, 2);
    message.return_channel = optional_string_of(all, 3);
  }
  if (all.size() > origin_place && all[origin_place].is_string()) {
    message.origin = string_of(all[origin_place]);
  }
  return message;
}

group_command read_group_command(std::string_view payload) {
  const auto all = read_array(payload, 5, "group command");
  const auto action = number_of(all[2]);
  if (action != 1 && action != 2) {
    throw protocol_error("The group command neither adds nor removes.");
  }
  return {number_of(all[0]), string_of(all[1]), static_cast<group_action>(action),
          string_of(all[3]), string_of(all[4])};
}

completion read_completion(std::string_view payload) {
  const auto all = read_array(payload, 2, "completion");
  return {string_of(all[0]), bytes_of(all[1])};
}

std::int32_t read_ack(std::string_view payload) {
  return number_of(read_array(payload, 1, "acknowledgement")[0]);
}

bool is_from(std::string_view payload, std::string_view origin) noexcept {
  return !origin.empty() && payload.ends_with(origin);
}

}  // namespace saker::signalr::backplane
