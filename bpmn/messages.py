"""What is said about each kind of problem; the codes are stable, so that other languages can be added."""

ERROR, POLICY, HINT = "error", "policy", "hint"

MESSAGES: dict[str, tuple[str, str]] = {
    # The file
    "xml-too-large": (ERROR, "文件{label}太大（{detail} 字节），无法读取。请拆成几个文件，用调用活动连接。"),
    "xml-doctype": (ERROR, "文件{label}含有 DOCTYPE 声明，为安全起见不予读取。请用建模工具重新导出。"),
    "xml-malformed": (ERROR, "文件{label}不是完整的 XML：{detail}。请用建模工具重新导出。"),
    "xml-too-many-elements": (ERROR, "文件{label}的元素超过 {detail} 个。请拆成几个文件。"),
    "xml-too-deep": (ERROR, "文件{label}嵌套过深。请用建模工具重新导出。"),
    "not-bpmn": (ERROR, "文件{label}不是 BPMN 2.0 模型。请导出为 BPMN 2.0 XML。"),
    # The drawing as a whole
    "process-none": (ERROR, "没有可执行的流程。请画出一个带开始事件的流程。"),
    "process-many": (
        ERROR,
        "有几个互不调用的流程：{names}。一个模型只能有一个主流程；请删去多余的，或用调用活动连接。",
    ),
    "too-many-nodes": (ERROR, "模型共有 {count} 个步骤，超过 {most} 个。请拆成几个模型。"),
    "too-much-written": (ERROR, "模型里的表达式共有 {count} 个字，超过 {most} 个。请拆成几个模型。"),
    "nested-too-deep": (ERROR, "{label}里的子流程和调用一层套一层，超过 {most} 层。请把里层的步骤提到外面。"),
    "process-not-run": (HINT, "流程{label}没有被主流程调用，不会运行，只作说明。"),
    "process-twice": (ERROR, "流程{label}出现了两次。请改用不同的编号。"),
    "process-marked-not-executable": (HINT, "流程{label}标为不可执行；发布后仍按可执行流程运行。"),
    "id-missing": (ERROR, "有一个{label}没有编号（id）。请用建模工具补上。"),
    "id-twice": (ERROR, "编号{label}用了两次。请改用不同的编号。"),
    "element-unknown": (ERROR, "{label}是不认识的元素（{tag}），不能执行。请改用普通的任务、网关或事件。"),
    "attribute-misplaced": (
        ERROR,
        "{label}的 {tag} 上不能写属性“{attribute}”，写了也不起作用。请检查拼写，或写到该写的元素上。",
    ),
    "attribute-value": (
        ERROR,
        "{label}的 {tag} 上的 {attribute}=“{value}”读不出是或否。请写 true 或 false（小写）。",
    ),
    "attribute-unknown": (HINT, "{label}的 {tag} 上有不认识的属性“{attribute}”，不起作用。"),
    "flow-loose": (ERROR, "连线{label}的一端“{end}”不存在，或者在另一个子流程里。请重新连接。"),
    "reference-missing": (ERROR, "{label}引用的“{reference}”没有定义。请补上这个消息、信号、错误或升级。"),
    "extension-unknown": (ERROR, "{label}里有不认识的扩展“{tag}”。请检查拼写。"),
    "dmn-broken": (ERROR, "决策文件{label}不能使用：{reason}。请改正。"),
    "must-understand": (ERROR, "文件要求读懂扩展“{definition}”，但它不在支持之列。请从模型里去掉。"),
    # Beginning and end
    "start-none": (ERROR, "{label}没有开始的地方。请画一个开始事件。"),
    "start-many": (ERROR, "{label}有几个开始事件：{names}。请只留一个，其余的改成网关后的分支或事件子流程。"),
    "start-event-kind": (ERROR, "开始事件{label}的触发方式（{kind}）在这里不能执行。请改用普通开始事件。"),
    "start-with-incoming": (ERROR, "开始事件{label}不能有进来的连线。请把连线接到它后面的任务上。"),
    "start-by-itself": (
        HINT,
        "开始事件{label}（{kind}）不会自己发生：案件都由登记申请启动，此触发方式只作说明。",
    ),
    "end-with-outgoing": (ERROR, "结束事件{label}不能有出去的连线。请改用中间事件。"),
    "end-implicit": (HINT, "{label}之后没有连线，流程在此处悄悄结束。建议画一个结束事件。"),
    "node-unreachable": (ERROR, "从开始事件走不到{label}。请把它连上，或者删去。"),
    # Gateways
    "gateway-complex": (ERROR, "复杂网关{label}不能执行。请改用排他、并行或包容网关。"),
    "gateway-flow-without-condition": (
        ERROR,
        "从网关{label}出去的连线“{flow}”没有条件，也不是默认连线。请写上条件，或设为默认。",
    ),
    "parallel-with-condition": (
        ERROR,
        "并行网关{label}的连线“{flow}”上有条件，并行网关不看条件。请改用包容网关。",
    ),
    "parallel-join-of-alternatives": (
        ERROR,
        "并行网关{label}等待的两条连线来自同一个排他网关“{gateway}”，永远等不齐。请改用排他网关汇合。",
    ),
    "default-unknown": (ERROR, "{label}的默认连线“{flow}”不是从它出去的。请重新设置默认连线。"),
    "event-gateway-target": (
        ERROR,
        "事件网关{label}后面的“{target}”不是可以等待的事件。请接消息、定时、信号、条件捕获事件或接收任务，且只由该网关连入。",
    ),
    "event-gateway-kind": (
        ERROR,
        "事件网关{label}用于启动流程或要等齐全部事件，不能执行。请改用普通开始事件和并行网关。",
    ),
    # Events
    "event-multiple": (ERROR, "{label}有几个触发条件。请改用事件网关，或分成几个事件。"),
    "event-definition-ref": (ERROR, "{label}引用别处的事件定义，不能执行。请把定义写在事件里。"),
    "event-kind": (ERROR, "{label}不能是“{kind}”事件。请改用：{allowed}。"),
    "catch-without-definition": (
        ERROR,
        "{label}没有说明在等什么，流程会直接穿过。请设为消息、定时、信号或条件事件。",
    ),
    "compensation": (ERROR, "{label}使用补偿，尚不能正确执行。请把撤销步骤画成普通分支。"),
    "boundary-host": (ERROR, "边界事件{label}没有附着在任务或子流程上。请把它放到任务边上。"),
    "boundary-without-outgoing": (ERROR, "边界事件{label}之后没有连线。请连到后续的任务或结束事件。"),
    "boundary-must-interrupt": (ERROR, "边界事件{label}（{kind}）只能是中断型。请改为中断。"),
    "boundary-never": (
        ERROR,
        "{label}附着的任务不会抛出“{kind}”，此事件永远不会发生。请附着到子流程，或改用消息事件。",
    ),
    "never-thrown": (
        POLICY,
        "{label}等待的“{kind}”{code}在里面没有任何地方抛出，其后的步骤永远走不到。请画出抛出它的事件，或删去。",
    ),
    "message-without-name": (ERROR, "{label}没有指明消息。请选择或新建一个消息。"),
    "signal-without-name": (ERROR, "{label}没有指明信号。请选择或新建一个信号。"),
    "link-without-pair": (
        ERROR,
        "连接事件{label}（“{link}”）找不到唯一的另一端。请让同一层里恰有一个同名的捕获连接事件。",
    ),
    "link-with-flow": (
        ERROR,
        "连接事件{label}的连线方向不对：抛出端不能有出去的连线，捕获端不能有进来的连线。",
    ),
    "error-uncaught": (
        ERROR,
        "{label}抛出的错误没有人处理。请在外层子流程边上画同一错误的边界事件，或改用普通结束事件。",
    ),
    "cancel-uncaught": (ERROR, "取消结束事件{label}只能画在带有取消边界事件的事务子流程里。"),
    "condition-empty": (ERROR, "条件事件{label}没有写条件。请写上 FEEL 条件。"),
    "timer-without-time": (ERROR, "{label}没有写时间，或写了几个时间。请只写一个日期、时长或周期。"),
    "timer-wrong": (
        ERROR,
        "{label}的时间“{text}”读不懂：{reason}。请写 P7D、PT24H、R3/PT1H 这样的时长，或给出时间的事实名。",
    ),
    "timer-working-days": (
        ERROR,
        "{label}的时间“{text}”是工作日，定时事件不认识日历。请改用办结时限，或由前面的任务给出时间的事实名。",
    ),
    "timer-deadline": (
        ERROR,
        "{label}的时间 deadline 是所附任务的办理时限，只能作日期（timeDate），附着在有时限、只办一次的任务上。请改正。",
    ),
    "timer-beside-deadline": (
        POLICY,
        "{label}的时间“{text}”与所附任务的办理时限可能不一致。请把时间（timeDate）写作 deadline，由办理时限决定。",
    ),
    # Tasks and sub-processes
    "quantity": (ERROR, "{label}要求多个令牌才开始，或一次产生多个令牌，不能执行。请改用并行网关。"),
    "script-task": (ERROR, "脚本任务{label}不能执行，模型里不允许有程序。请改用服务任务并选择一个操作。"),
    "instantiate": (ERROR, "{label}设为启动流程，不能执行。请改用开始事件。"),
    "receive-without-message": (ERROR, "接收任务{label}没有指明消息，流程会直接穿过。请选择一个消息。"),
    "decision-missing": (ERROR, "业务规则任务{label}没有指明决策。请选择一个 DMN 决策。"),
    "decision-unknown": (ERROR, "业务规则任务{label}的决策“{decision}”不存在。请检查 DMN 文件里的名称。"),
    "ad-hoc": (ERROR, "自组织子流程{label}不能执行。请画出步骤之间的顺序，或用并行网关。"),
    "subprocess-empty": (ERROR, "子流程{label}是空的。请画出里面的步骤，或改成任务。"),
    "event-subprocess-start": (
        ERROR,
        "事件子流程{label}要有恰好一个带触发条件的开始事件（消息、定时、信号、条件、错误或升级）。",
    ),
    "event-subprocess-flow": (ERROR, "事件子流程{label}不能有连线、边界事件或循环标记。请去掉。"),
    "event-start-must-interrupt": (ERROR, "开始事件{label}（错误）只能是中断型。请改为中断。"),
    "call-unknown": (ERROR, "调用活动{label}要调用的流程“{called}”不在模型里。请加入它的文件，或改正编号。"),
    "call-circular": (ERROR, "调用活动{label}最终又调用了自己。请改用循环连线。"),
    "loop-foreign": (
        ERROR,
        "{label}的多实例设置（{parts}）不能执行。请用循环次数（loopCardinality）写出 FEEL 数。",
    ),
    "loop-without-count": (ERROR, "{label}没有写明要做几次。请写循环次数。"),
    "loop-without-end": (ERROR, "循环任务{label}没有条件也没有次数，永远不会停。请写上其中之一。"),
    # Expressions
    "condition-language": (ERROR, "{label}的条件或时间用了“{language}”语言。请改写成 FEEL。"),
    "expression-wrong": (
        ERROR,
        "{label}的表达式“{text}”读不懂：{reason}（第 {line} 行第 {column} 列）。请改写成 FEEL。",
    ),
    "expression-too-large": (ERROR, "{label}的表达式“{text}”太长或嵌套太深：{reason}请拆成几步。"),
    "deadline-wrong": (
        ERROR,
        "{label}的时限“{text}”读不懂。请写规则编号，或 P3WD、P7D、PT24H 这样的时长，二者只写其一。",
    ),
    "english-without-name": (HINT, "{label}写了英文，但没有英文名称。请写上名称，或删去。"),
    "escalation-wrong": (ERROR, "{label}的升级步骤（{text}）不完整。请写明多久之后、告诉谁。"),
    "escalation-order": (POLICY, "{label}的升级步骤次序颠倒（{text}）。请按时间先后排列。"),
    # What the states that can be reached show
    "deadlock": (
        POLICY,
        "{label}等待的令牌可能永远等不齐，办件会停在这里。走到这里的路径：{path}。请检查分支与汇合是否成对。",
    ),
    "never-reached": (
        POLICY,
        "办件永远走不到{label}：它前面的“{before}”永远不会放行。请检查分支与汇合是否成对。",
    ),
    "never-ends": (POLICY, "到了{label}之后，再也走不到结束。走到这里的路径：{path}。请画出离开循环的连线。"),
    "tokens-pile-up": (
        POLICY,
        "{label}会越积越多，同时出现几份。走到这里的路径：{path}。请用并行网关汇合各分支。",
    ),
    "end-without-person": (
        POLICY,
        "走到{label}的一条路径没有经过任何人：{path}。案件不能自行办结，请在这条路径上画出由人办理的任务。",
    ),
    "decision-without-person": (
        POLICY,
        "走到{label}的一条路径没有经过作出该决定的人：{path}。期限届满或条件成立都不能代替决定，请在这条路径上画出作决定的任务。",
    ),
    "too-many-states": (
        HINT,
        "{label}的状态或分支组合太多（超过 {count} 种状态），未能逐一检查是否都能结束。",
    ),
    # What our offices demand
    "name-missing": (POLICY, "任务{label}没有名称。请写上办事人看得懂的名称。"),
    "role-missing": (POLICY, "任务{label}没有指定谁来办。请选择岗位。"),
    "form-missing": (POLICY, "任务{label}没有表单。请选择表单。"),
    "deadline-missing": (POLICY, "任务{label}没有办结时限。请选择时限规则。"),
    "escalation-missing": (
        POLICY,
        "任务{label}没有逾期升级步骤。请写明逾期后告诉谁，或给整个流程设默认升级链。",
    ),
    "escalation-short": (POLICY, "{label}的升级链只到县级为止。请加上最后一步，告知县级以上的督办人。"),
    "law-missing": (POLICY, "任务{label}没有依据。请写明法规条款。"),
    "operation-missing": (POLICY, "任务{label}没有指定操作，什么也不会做。请选择一个操作、通知或消息。"),
    "extension-misplaced": (
        POLICY,
        "{label}上的 {tag} 不起作用：它只对由人办理的任务（决策只对业务规则任务，受理方式只对开始事件）有意义。请移到任务上，或删去。",
    ),
    "operation-unknown": (POLICY, "{label}的操作“{value}”不存在。请从操作清单里选择。"),
    "role-unknown": (POLICY, "{label}的岗位“{value}”不存在。请从岗位清单里选择。"),
    "form-unknown": (POLICY, "{label}的表单“{value}”不存在。请从表单清单里选择。"),
    "opening-unknown": (POLICY, "{label}的受理方式“{value}”不存在。请从 household、person、office 中选择。"),
    "rule-unknown": (POLICY, "{label}的时限规则“{value}”不存在。请从规则表里选择。"),
}
