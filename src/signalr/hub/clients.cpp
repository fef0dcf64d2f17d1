#include <saker/signalr/hub/clients.hpp>

#include <stdexcept>

#include "signalr/hub/hub_call.hpp"
#include "signalr/hub/hub_manager.hpp"

namespace saker::signalr {
namespace {

hub_message invocation_of(std::string_view method) {
  if (method.empty()) throw std::invalid_argument("The name of a client's method is empty.");
  hub_message message{.type = message_type::invocation};
  message.target = method;
  return message;
}

std::string require_group_name(std::string name) {
  if (name.empty()) throw std::invalid_argument("Cannot send to an empty group name.");
  return name;
}

}  // namespace

detail::wanted_encodings client_proxy::wanted() const { return manager_->wanted(to_); }

delivery client_proxy::send_values(std::string_view method, const json& arguments) const {
  return send_encoded(method, detail::encoded_values(wanted(), [&](binding::value_writer& out) {
                        binding::write_document(out, arguments);
                      }));
}

delivery client_proxy::send_encoded(std::string_view method,
                                    detail::encoded_values arguments) const {
  return manager_->send(to_, invocation_of(method), std::move(arguments));
}

task<detail::client_value> single_client_proxy::invoke_encoded(std::string_view method,
                                                               detail::encoded_values arguments,
                                                               std::stop_token stop) const {
  if (slot_ && !slot_->begin_asking()) {
    throw std::logic_error("A hub must not ask its client for a result inside on_connected.");
  }
  return manager().invoke(whom().names.front(), invocation_of(method), std::move(arguments),
                          std::move(stop));
}

client_proxy hub_clients::all() const { return {*manager_, {}}; }

client_proxy hub_clients::all_except(std::vector<std::string> connection_ids) const {
  return {*manager_, {recipients::kind::all, {}, std::move(connection_ids)}};
}

single_client_proxy hub_clients::client(std::string connection_id) const {
  return {*manager_, std::move(connection_id), slot_};
}

client_proxy hub_clients::clients(std::vector<std::string> connection_ids) const {
  return {*manager_, {recipients::kind::connections, std::move(connection_ids), {}}};
}

client_proxy hub_clients::group(std::string name) const {
  return {*manager_, {recipients::kind::groups, {require_group_name(std::move(name))}, {}}};
}

client_proxy hub_clients::groups(std::vector<std::string> names) const {
  for (const auto& each : names) require_group_name(each);
  return {*manager_, {recipients::kind::groups, std::move(names), {}}};
}

client_proxy hub_clients::group_except(std::string name,
                                       std::vector<std::string> connection_ids) const {
  return {
      *manager_,
      {recipients::kind::groups, {require_group_name(std::move(name))}, std::move(connection_ids)}};
}

client_proxy hub_clients::user(std::string user_id) const { return users({std::move(user_id)}); }

client_proxy hub_clients::users(std::vector<std::string> user_ids) const {
  return {*manager_, {recipients::kind::users, std::move(user_ids), {}}};
}

std::size_t hub_clients::count() const { return manager_->count(); }

single_client_proxy hub_caller_clients::caller() const {
  return {manager(), slot()->caller_id(), slot()};
}

client_proxy hub_caller_clients::others() const { return all_except({slot()->caller_id()}); }

client_proxy hub_caller_clients::others_in_group(std::string name) const {
  return group_except(std::move(name), {slot()->caller_id()});
}

delivery group_manager::add_to_group(std::string_view connection_id, std::string_view name) const {
  return manager_->add_to_group(connection_id, name);
}

delivery group_manager::remove_from_group(std::string_view connection_id,
                                          std::string_view name) const {
  return manager_->remove_from_group(connection_id, name);
}

std::size_t group_manager::count(std::string_view name) const { return manager_->count(name); }

std::vector<std::string> group_manager::members(std::string_view name) const {
  return manager_->members(name);
}

}  // namespace saker::signalr
