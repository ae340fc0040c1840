// Every rule of diagnosis: one function a cause code, in a file a family. A rule claims the failing trails
// that its cause explains and no earlier rule has claimed; the order is that of the table in causes.
#pragma once

#include "agent/diagnosis/case.h"

namespace amlnet {

// config_rules.cpp
void rule_privatelink_name(Case&);
void rule_alias_labels(Case&);
void rule_alias_on_spark(Case&);
void rule_hosts_override(Case&);
void rule_missing_facts(Case&);

// no_proxy_rule.cpp
void rule_no_proxy_syntax(Case&);

// node_rules.cpp
void rule_resource_limit(Case&);
void rule_conntrack_full(Case&);
void rule_clock_skew(Case&);

// dns_server_rules.cpp
void rule_server_unreachable(Case&);
void rule_azure_dns_unreachable(Case&);
void rule_servfail(Case&);
void rule_refused_by_server(Case&);
void rule_malformed(Case&);
void rule_dns_tcp_blocked(Case&);
void rule_server_silent_on_name(Case&);
void rule_dns_slow(Case&);

// dns_sample_rules.cpp
void rule_answers_flap(Case&);
void rule_edns_blocked(Case&);

// dns_tamper_rules.cpp
void rule_blocked_by_policy(Case&);
void rule_hijacked(Case&);
void rule_search_domain_capture(Case&);

// dns_scope_rules.cpp
void rule_servers_disagree(Case&);
void rule_not_forwarded(Case&);
void rule_private_record_missing(Case&);
void rule_zone_not_linked(Case&);
void rule_no_private_endpoint(Case&);

// dns_name_rules.cpp
void rule_name_not_found(Case&);
void rule_no_address(Case&);
void rule_wrong_private_address(Case&);
void rule_alias_not_private(Case&);
void rule_aliases_differ(Case&);

// route_rules.cpp
void rule_no_route(Case&);
void rule_local_block(Case&);
void rule_no_egress(Case&);
void rule_all_dead(Case&);

// tcp_rules.cpp, tcp_risk_rules.cpp
void rule_private_endpoint_silent(Case&);
void rule_port_filtered(Case&);
void rule_prohibited(Case&);
void rule_refused(Case&);
void rule_filtered(Case&);
void rule_udp_rejected(Case&);
void rule_imds_unreachable(Case&);
void rule_some_addresses_dead(Case&);
void rule_transparent_proxy(Case&);
void rule_ipv6_broken(Case&);

// inbound_rules.cpp
void rule_inbound_blocked(Case&);
void rule_inbound_swallowed(Case&);
void rule_inbound_not_listening(Case&);

// burst_rule.cpp
void rule_snat_exhausted(Case&);

// path_risk_rules.cpp
void rule_large_hello_dropped(Case&);
void rule_upload_blackhole(Case&);
void rule_path_slow(Case&);

// proxy_rules.cpp
void rule_proxy_unreachable(Case&);
void rule_proxy_auth(Case&);
void rule_private_traffic(Case&);
void rule_proxy_port(Case&);
void rule_proxy_denied(Case&);
void rule_proxy_cannot_reach(Case&);
void rule_proxy_imds(Case&);

// proxy_tls_rules.cpp: the same causes, where it is the proxy whose TLS is at fault
void rule_proxy_not_tls(Case&);
void rule_proxy_version_refused(Case&);
void rule_proxy_alert(Case&);
void rule_proxy_tls_no_answer(Case&);
void rule_proxy_ca_bundle(Case&);
void rule_proxy_untrusted_issuer(Case&);
void rule_proxy_name_mismatch(Case&);
void rule_proxy_incomplete_chain(Case&);
void rule_proxy_expired(Case&);
void rule_proxy_not_yet_valid(Case&);

// handshake_rules.cpp
void rule_mtu_blackhole(Case&);
void rule_sni_filtered(Case&);
void rule_tls_no_answer(Case&);
void rule_not_tls(Case&);
void rule_version_refused(Case&);
void rule_alert(Case&);

// certificate_rules.cpp, validity_rules.cpp
void rule_intercepted(Case&);
void rule_ca_bundle(Case&);
void rule_untrusted_issuer(Case&);
void rule_incomplete_chain(Case&);
void rule_name_mismatch(Case&);
void rule_expired(Case&);
void rule_not_yet_valid(Case&);

// program_stores_rule.cpp
void rule_program_stores(Case&);

// revocation_rule.cpp
void rule_revocation_blocked(Case&);

// http_rules.cpp, service_rules.cpp
void rule_firewall_denied(Case&);
void rule_block_page(Case&);
void rule_host_filtered(Case&);
void rule_instance_unhealthy(Case&);
void rule_http_unexpected(Case&);
void rule_storage_firewall(Case&);
void rule_keyvault_firewall(Case&);
void rule_keyvault_private_only(Case&);
void rule_registry_data_blocked(Case&);
void rule_registry_firewall(Case&);
void rule_workspace_private_only(Case&);
void rule_service_tls_version(Case&);
void rule_permission_denied(Case&);
void rule_gateway_backend(Case&);
void rule_gateway_rejected(Case&);

// websocket_rule.cpp
void rule_websocket_blocked(Case&);

// identity_rules.cpp
void rule_no_metadata_token(Case&);
void rule_metadata_by_proxy(Case&);
void rule_identity_none(Case&);
void rule_identity_throttled(Case&);
void rule_identity_endpoint_failed(Case&);
void rule_identity_refused(Case&);

// unknown_rule.cpp
void rule_unknown(Case&);

}  // namespace amlnet
