/*
 * Sees every SIP message first, in the thread that read it, before Asterisk's own modules do:
 *
 *   transport ──> guard ──> distributor ──> NAT, transactions, digest, sessions, dialplan
 *
 * - A Record-Route that is no SIP URI ends here: `rewrite_route_set` of res_pjsip_nat.c takes every one for a SIP URI, before it
 *   asks for a password, and Asterisk dies of it (22.10.1, https://github.com/asterisk/asterisk/blob/22.10.1/res/res_pjsip_nat.c).
 * - While the brain has shut the gate, and for a while between two calls afterwards, a new call gets its 503 here for some
 *   0.1 ms of CPU instead of 3: digest, session, channel and dialplan come later. Short numbers that are somebody's emergency
 *   number go on, and so does what was challenged already: the dialplan's gate, which knows whose they are, decides those.
 * - The ACK of such an answer ends here as well.
 * - A new call whose Call-ID is more than printable ASCII gets 400 (`dialplan.ts` says why).
 *
 * And it tells the dialplan of each new call what that would have to ask the SIP thread for, twice a call, some 0.1 ms each time:
 * the channel variable `LPBX_PRESENTATION`, `prohib` when the phone asks for privacy (RFC 3323), else `allowed`. Where it is set,
 * the Call-ID is known to be printable.
 *
 * Dialplan function, written by the brain through ARI: `LPBX_GUARD(shed)`, epoch seconds until which the gate is shut.
 * A function and no variable: Asterisk has no way to read a global variable while another thread may set it.
 */
#define AST_MODULE_SELF_SYM __internal_res_littlepbx_guard_self
#include "asterisk.h"

#include <pjlib.h>
#include <pjsip.h>

#include "asterisk/config.h"
#include "asterisk/module.h"
#include "asterisk/pbx.h"
#include "asterisk/channel.h"
#include "asterisk/res_pjsip.h"
#include "asterisk/res_pjsip_session.h"

/* As in the dialplan. */
#define LONGEST_EMERGENCY_NUMBER 8

/*
 * Time between two new calls while the gate was shut within the last second. Calls that are let in together as soon as it
 * opens wait for each other; as many at an even rate do not. Each shutting makes it longer, each call that is let in a little
 * shorter, so it settles where the gate is shut some thirty times a second.
 */
/* Microseconds. */
#define LONGEST_PAUSE 20000
#define SHORTEST_PAUSE 500
#define PAUSE_AT_FIRST 3000
#define REMEMBERED 1000000

AST_MUTEX_DEFINE_STATIC(gate_lock);
static time_t shut_until;
/* Of a clock that nobody sets; microseconds. */
static int64_t shut_at = -REMEMBERED;
static int64_t let_in_at;
static double pause_between = PAUSE_AT_FIRST;

static int64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void set_gate(time_t until)
{
	int64_t now = clock_now();

	ast_mutex_lock(&gate_lock);
	if (until > time(NULL)) {
		if (now - shut_at > REMEMBERED) {
			pause_between = PAUSE_AT_FIRST;
		} else {
			pause_between = MIN(pause_between * 1.03, LONGEST_PAUSE);
		}
		shut_at = now;
	}
	shut_until = until;
	ast_mutex_unlock(&gate_lock);
}

/* Whether one more new call is let in. */
static int is_let_in(void)
{
	int64_t now = clock_now();
	int is_open;

	ast_mutex_lock(&gate_lock);
	is_open = shut_until <= time(NULL) && (now - shut_at > REMEMBERED || now - let_in_at >= pause_between);
	if (is_open) {
		let_in_at = now;
		pause_between = MAX(pause_between * 0.995, SHORTEST_PAUSE);
	}
	ast_mutex_unlock(&gate_lock);
	return is_open;
}

static int write_guard(struct ast_channel *chan, const char *function, char *argument, const char *value)
{
	if (strcmp(argument, "shed")) {
		ast_log(LOG_WARNING, "%s has nothing called '%s'\n", function, argument);
		return -1;
	}
	set_gate((time_t) strtoll(value, NULL, 10));
	return 0;
}

static struct ast_custom_function guard_function = {
	.name = "LPBX_GUARD",
	.write = write_guard,
};

static int is_sip(pjsip_uri *uri)
{
	return uri && (PJSIP_URI_SCHEME_IS_SIP(uri) || PJSIP_URI_SCHEME_IS_SIPS(uri));
}

static int has_foreign_route(pjsip_msg *msg)
{
	pjsip_hdr *hdr;

	for (hdr = msg->hdr.next; hdr != &msg->hdr; hdr = hdr->next) {
		if (hdr->type == PJSIP_H_RECORD_ROUTE && !is_sip(((pjsip_rr_hdr *) hdr)->name_addr.uri)) {
			return 1;
		}
	}
	return 0;
}

/* Of any organization: whose call it is nobody knows yet. Looked up only while the gate is shut, and as the dialplan does. */
static int is_emergency(pjsip_uri *request_uri)
{
	char number[LONGEST_EMERGENCY_NUMBER + 1];
	size_t length = 0;
	int is_known;
	pj_ssize_t i;
	pj_str_t *user;
	struct ast_variable *row;

	if (!is_sip(request_uri)) {
		return 0;
	}
	user = &((pjsip_sip_uri *) pjsip_uri_get_uri(request_uri))->user;
	if (user->slen > LONGEST_EMERGENCY_NUMBER) {
		return 0;
	}
	for (i = 0; i < user->slen; i++) {
		if (user->ptr[i] && strchr("0123456789*#+", user->ptr[i])) {
			number[length++] = user->ptr[i];
		}
	}
	if (!length) {
		return 0;
	}
	number[length] = '\0';
	row = ast_load_realtime("lpbx_emergency", "number", number, SENTINEL);
	is_known = row != NULL;
	ast_variables_destroy(row);
	return is_known;
}

/* One that is repeated belongs to a call that has begun, whatever the gate is now. */
static int is_repeated(pjsip_rx_data *rdata)
{
	pj_str_t key;
	pjsip_transaction *transaction;

	if (pjsip_tsx_create_key(rdata->tp_info.pool, &key, PJSIP_ROLE_UAS, &rdata->msg_info.cseq->method, rdata) != PJ_SUCCESS) {
		return 0;
	}
	transaction = pjsip_tsx_layer_find_tsx2(&key, PJ_TRUE);
	if (!transaction) {
		return 0;
	}
	pj_grp_lock_dec_ref(transaction->grp_lock);
	return 1;
}

static int is_printable(const pj_str_t *text)
{
	pj_ssize_t i;

	for (i = 0; i < text->slen; i++) {
		if (text->ptr[i] < '!' || text->ptr[i] > '~') {
			return 0;
		}
	}
	return 1;
}

/* Its letters are what counts: none, or `none`, asks for nothing. */
static int asks_for_privacy(pjsip_msg *msg)
{
	static const pj_str_t name = { "Privacy", 7 };
	pjsip_generic_string_hdr *header = pjsip_msg_find_hdr_by_name(msg, &name, NULL);
	char letters[6];
	size_t length = 0;
	pj_ssize_t i;

	for (i = 0; header && i < header->hvalue.slen && length < sizeof(letters) - 1; i++) {
		char letter = header->hvalue.ptr[i] | 0x20;

		if (letter >= 'a' && letter <= 'z') {
			letters[length++] = letter;
		}
	}
	letters[length] = '\0';
	return length && strcmp(letters, "none");
}

/* Between the making of the channel and the beginning of its dialplan, for a re-INVITE as well. */
static int on_call(struct ast_sip_session *session, struct pjsip_rx_data *rdata)
{
	if (session->channel && session->inv_session->state < PJSIP_INV_STATE_CONFIRMED) {
		pbx_builtin_setvar_helper(session->channel, "LPBX_PRESENTATION",
			asks_for_privacy(rdata->msg_info.msg) ? "prohib" : "allowed");
	}
	return 0;
}

static struct ast_sip_session_supplement call_supplement = {
	.method = "INVITE",
	.priority = AST_SIP_SUPPLEMENT_PRIORITY_CHANNEL + 1,
	.incoming_request = on_call,
};

static pj_bool_t refuse(pjsip_rx_data *rdata, int status, const char *reason)
{
	pj_str_t text;

	pjsip_endpt_respond_stateless(ast_sip_get_pjsip_endpoint(), rdata, status, reason ? pj_cstr(&text, reason) : NULL, NULL, NULL);
	return PJ_TRUE;
}

static pj_bool_t on_request(pjsip_rx_data *rdata)
{
	pjsip_msg *msg = rdata->msg_info.msg;
	pjsip_method_e method = msg->line.req.method.id;

	if (has_foreign_route(msg)) {
		return method == PJSIP_ACK_METHOD ? PJ_TRUE : refuse(rdata, PJSIP_SC_BAD_REQUEST, "Bad Record-Route");
	}
	/* An answer without a transaction has the branch as its tag (`pjsip_endpt_create_response`): nobody waits for its ACK. */
	if (method == PJSIP_ACK_METHOD) {
		return rdata->msg_info.to->tag.slen && !pj_strcmp(&rdata->msg_info.to->tag, &rdata->msg_info.via->branch_param);
	}
	if (method != PJSIP_INVITE_METHOD || rdata->msg_info.to->tag.slen) {
		return PJ_FALSE;
	}
	if (!is_printable(&rdata->msg_info.cid->id)) {
		return refuse(rdata, PJSIP_SC_BAD_REQUEST, "Bad Call-ID");
	}
	if (!pjsip_msg_find_hdr(msg, PJSIP_H_AUTHORIZATION, NULL) && !is_let_in()
		&& !is_emergency(msg->line.req.uri) && !is_repeated(rdata)) {
		return refuse(rdata, PJSIP_SC_SERVICE_UNAVAILABLE, NULL);
	}
	return PJ_FALSE;
}

static pj_bool_t on_response(pjsip_rx_data *rdata)
{
	return has_foreign_route(rdata->msg_info.msg);
}

static pjsip_module guard_module = {
	.name = { "LittlePBX guard", 15 },
	.priority = PJSIP_MOD_PRIORITY_TRANSPORT_LAYER + 1,
	.on_rx_request = on_request,
	.on_rx_response = on_response,
};

static const char SAMPLE[] =
	"INVITE sip:1@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:2@example.com>;tag=a\r\n"
	"To: <sip:1@example.com>;tag=b\r\nCall-ID: guard\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";

/*
 * Whether Asterisk's SIP library lays out its messages as the headers say that this was built with: else every message that is
 * looked at would be another one, and Asterisk would die of the first.
 */
static int is_library_as_built(void)
{
	/* Larger, in case theirs is. */
	size_t size = 2 * sizeof(pjsip_rx_data);
	pj_pool_t *pool = pjsip_endpt_create_pool(ast_sip_get_pjsip_endpoint(), "guard", 4096, 4096);
	pjsip_rx_data *rdata = ast_calloc(1, size);
	char message[sizeof(SAMPLE)];
	int is_same = 0;

	if (pool && rdata) {
		strcpy(message, SAMPLE);
		rdata->tp_info.pool = pool;
		pj_list_init(&rdata->msg_info.parse_err);
		is_same = pjsip_parse_rdata(message, sizeof(SAMPLE) - 1, rdata)
			&& rdata->msg_info.msg && rdata->msg_info.msg->type == PJSIP_REQUEST_MSG
			&& rdata->msg_info.cid && !pj_strcmp2(&rdata->msg_info.cid->id, "guard")
			&& rdata->msg_info.to && !pj_strcmp2(&rdata->msg_info.to->tag, "b")
			&& rdata->msg_info.via && !pj_strcmp2(&rdata->msg_info.via->branch_param, "z9hG4bK1");
	}
	ast_free(rdata);
	if (pool) {
		pjsip_endpt_release_pool(ast_sip_get_pjsip_endpoint(), pool);
	}
	return is_same;
}

static int unload_module(void)
{
	ast_custom_function_unregister(&guard_function);
	ast_sip_session_unregister_supplement(&call_supplement);
	ast_sip_unregister_service(&guard_module);
	return 0;
}

static int load_module(void)
{
	if (!is_library_as_built()) {
		ast_log(LOG_ERROR, "built for another SIP library, not loaded\n");
		return AST_MODULE_LOAD_DECLINE;
	}
	if (ast_sip_register_service(&guard_module)) {
		return AST_MODULE_LOAD_DECLINE;
	}
	if (ast_custom_function_register(&guard_function)) {
		ast_sip_unregister_service(&guard_module);
		return AST_MODULE_LOAD_DECLINE;
	}
	ast_sip_session_register_supplement(&call_supplement);
	return AST_MODULE_LOAD_SUCCESS;
}

AST_MODULE_INFO(ASTERISK_GPL_KEY, AST_MODFLAG_LOAD_ORDER, "LittlePBX guard",
	.support_level = AST_MODULE_SUPPORT_EXTENDED,
	.load = load_module,
	.unload = unload_module,
	.load_pri = AST_MODPRI_APP_DEPEND,
	.requires = "res_pjsip,res_pjsip_session",
);
