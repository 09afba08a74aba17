{{- define "netcheck.labels" -}}
app.kubernetes.io/name: netcheck
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "netcheck.image" -}}
image: {{ include "netcheck.imageName" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end }}

{{- define "netcheck.imageName" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- /* Nobody, without any capability, who can write nothing. */ -}}
{{- define "netcheck.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65534
runAsGroup: 65534
fsGroup: 65534
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "netcheck.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- /* What those read that ask for checks and make them: the key that signs jobs, and all that every role reads. */ -}}
{{- define "netcheck.environment" -}}
{{- include "netcheck.place" . }}
- name: NETCHECK_JOB_KEY_FILE
  value: /run/secrets/netcheck/job-key
{{- end }}

{{- /* What every role reads: which cluster this is, and where Redis is. */ -}}
{{- define "netcheck.place" -}}
- name: NETCHECK_CLUSTER
  value: {{ .Values.cluster | quote }}
- name: NETCHECK_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
{{- if .Values.redis.url }}
- name: NETCHECK_REDIS_URL
  valueFrom: {secretKeyRef: {name: netcheck-redis, key: url}}
{{- else }}
- name: NETCHECK_REDIS_PASSWORD
  valueFrom: {secretKeyRef: {name: netcheck-redis, key: password}}
- name: NETCHECK_REDIS_URL
  {{- $address := (include "netcheck.redisNode" . | fromJson).address | default .Values.redis.address | default "$(NETCHECK_REDIS_SERVICE_HOST)" }}
  value: redis://:$(NETCHECK_REDIS_PASSWORD)@{{ ternary (printf "[%s]" $address) $address (contains ":" $address) }}:{{ .Values.redis.port }}/0
{{- end }}
{{- end }}

{{- define "netcheck.keyMount" -}}
- {name: job-key, mountPath: /run/secrets/netcheck, readOnly: true}
{{- end }}

{{- define "netcheck.keyVolume" -}}
- name: job-key
  secret: {secretName: netcheck-job-key, defaultMode: 0440}
{{- end }}

{{- /* The key that signs what the operator may do: nothing where there is no operator. */ -}}
{{- define "netcheck.operationsEnvironment" -}}
{{- if .Values.operator.enabled -}}
- name: NETCHECK_OPERATIONS_KEY_FILE
  value: /run/secrets/netcheck-operations/operations-key
{{- end }}
{{- end }}

{{- define "netcheck.operationsMount" -}}
{{- if .Values.operator.enabled -}}
- {name: operations-key, mountPath: /run/secrets/netcheck-operations, readOnly: true}
{{- end }}
{{- end }}

{{- define "netcheck.operationsVolume" -}}
{{- if .Values.operator.enabled -}}
- name: operations-key
  secret: {secretName: netcheck-operations-key, defaultMode: 0440}
{{- end }}
{{- end }}

{{- /* Who may do what, for whoever decides it: nothing where no rules are given. */ -}}
{{- define "netcheck.accessEnvironment" -}}
{{- if .Values.access -}}
- name: NETCHECK_ACCESS
  value: /etc/netcheck/access.toml
{{- end }}
{{- end }}

{{- define "netcheck.accessMount" -}}
{{- if .Values.access -}}
- {name: access, mountPath: /etc/netcheck, readOnly: true}
{{- end }}
{{- end }}

{{- define "netcheck.accessVolume" -}}
{{- if .Values.access -}}
- name: access
  configMap: {name: netcheck-access}
{{- end }}
{{- end }}

{{- /* A secret value: given, or the one of the last release, or a new one. */ -}}
{{- define "netcheck.secret" -}}
{{- if .given -}}
{{- .given -}}
{{- else -}}
{{- $existing := lookup "v1" "Secret" .root.Release.Namespace .name | default dict -}}
{{- with get ($existing.data | default dict) .key -}}{{- . | b64dec -}}{{- else -}}{{- randAlphaNum 40 -}}{{- end -}}
{{- end -}}
{{- end }}

{{- /* From a node that is lost it moves after 25 s, not after the usual 300: nothing can be looked at or mended
meanwhile. A shorter time would move it for every pause of a kubelet. */ -}}
{{- define "netcheck.leavesLostNodes" -}}
- {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 25}
- {key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 25}
{{- end }}

{{- /* The nodes that keep no pods away, as keys, as JSON under `found`: none where nothing can be
looked up, as by `helm template`. */ -}}
{{- define "netcheck.openNodes" -}}
{{- $found := dict -}}
{{- range (lookup "v1" "Node" "" "" | default dict).items -}}
{{- if not (or .spec.unschedulable .spec.taints) -}}{{- $_ := set $found .metadata.name "" -}}{{- end -}}
{{- end -}}
{{- toJson (dict "found" $found) -}}
{{- end }}

{{- /* Where Redis is on a node's own network: the node's name, where it was looked up, and its address, as JSON; an
empty address where it is not. */ -}}
{{- define "netcheck.redisNode" -}}
{{- $found := dict "name" "" "address" "" -}}
{{- if .Values.redis.hostNetwork -}}
{{- $_ := set $found "address" .Values.redis.address -}}
{{- if not .Values.redis.address -}}
{{- $known := lookup "apps/v1" "Deployment" .Release.Namespace "netcheck-redis" | default dict -}}
{{- $before := dig "spec" "template" "spec" "nodeSelector" "kubernetes.io/hostname" "" $known -}}
{{- $fitting := dict -}}
{{- range (lookup "v1" "Node" "" "" | default dict).items -}}
{{- $node := . -}}
{{- $address := "" -}}
{{- range .status.addresses -}}{{- if and (eq .type "InternalIP") (not $address) -}}{{- $address = .address -}}{{- end -}}{{- end -}}
{{- $hostname := dig "metadata" "labels" "kubernetes.io/hostname" "" $node -}}
{{- $open := not (or $node.spec.unschedulable $node.spec.taints) -}}
{{- range $key, $value := $.Values.redis.nodeSelector -}}
{{- $open = and $open (eq (toString (dig "metadata" "labels" $key "" $node)) (toString $value)) -}}
{{- end -}}
{{- if and $address $hostname (or $open (eq $hostname $before)) -}}{{- $_ := set $fitting $hostname $address -}}{{- end -}}
{{- end -}}
{{- $name := ternary $before (keys $fitting | sortAlpha | first | default "") (hasKey $fitting $before) -}}
{{- if $name -}}
{{- $_ := set $found "name" $name -}}
{{- $_ := set $found "address" (get $fitting $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end }}
