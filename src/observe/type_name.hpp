#pragma once

#include <string>
#include <typeinfo>

namespace saker::observe {

/// A type's name as a person writes it: `std::vector<std::string>`, without default arguments and
/// the inner namespaces of libraries.
std::string type_name(const std::type_info& type);
/// As .NET would write it: "shop::order_hub" as "shop.order_hub".
std::string dotted_type_name(const std::type_info& type);

}  // namespace saker::observe
