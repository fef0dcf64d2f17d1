#include <saker/http/pipeline/service_collection.hpp>

#include <stdexcept>

#include "observe/type_name.hpp"

namespace saker {

service_collection::~service_collection() {
  while (!entries_.empty()) entries_.pop_back();
}

service_collection& service_collection::add_hosted_service(
    std::shared_ptr<hosted_service> service) {
  if (!service) refuse_null(typeid(hosted_service));
  hosted_services_.push_back(std::move(service));
  return *this;
}

const service_collection::entry* service_collection::find_entry(
    const std::type_info& type) const noexcept {
  for (const auto& each : entries_) {
    if (each->type == type) return each.get();
  }
  return nullptr;
}

void service_collection::start_hosted_services() {
  try {
    for (; started_ < hosted_services_.size(); ++started_) hosted_services_[started_]->start();
  } catch (...) {
    stop_hosted_services();
    throw;
  }
}

void service_collection::stop_hosted_services() {
  while (started_ > 0) hosted_services_[--started_]->stop();
}

void service_collection::refuse_null(const std::type_info& type) {
  throw std::invalid_argument("A service must not be null: " + observe::type_name(type) + ".");
}

void service_collection::refuse_second(const std::type_info& type) {
  throw std::logic_error("There is a service of type " + observe::type_name(type) + " already.");
}

void service_collection::refuse_missing(const std::type_info& type) {
  throw std::logic_error("There is no service of type " + observe::type_name(type) + ".");
}

}  // namespace saker
