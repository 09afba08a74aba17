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
  value: redis://:$(NETCHECK_REDIS_PASSWORD)@{{ .Values.redis.address | default "$(NETCHECK_REDIS_SERVICE_HOST)" }}:{{ .Values.redis.port }}/0
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
